using System.Runtime.Versioning;
using FwRedirect.Redirector.Checks;
using FwRedirect.Redirector.Checks.Linux;

namespace FwRedirect.Tests.Redirector.Checks.Linux;

[TestClass]
[SupportedOSPlatform("linux")]
public sealed class LinuxChecksTests
{
    [TestMethod]
    public void MissingProgramsAreNamedWithTheirPackages()
    {
        Assert.AreEqual(CheckResult.Wrong("missing: iptables-save, iptables-restore; install the packages iptables and iproute2"), new ProgramsCheck(p => p == "ip").Look());
        Assert.AreEqual(CheckOutcome.Good, new ProgramsCheck(_ => true).Look().Outcome);
    }

    [TestMethod]
    public void WhatTheKernelRefusesIsToldWithAdvice()
    {
        Assert.AreEqual(CheckResult.Wrong("no such protocol; load it"), new OpenCheck("x", "load it", privileged: true, () => throw new IOException("no such protocol")).Look());
        Assert.AreEqual(CheckOutcome.NotTried, new OpenCheck("x", "load it", privileged: false, () => throw new IOException("no")).Look().Outcome);
    }

    /// <summary>On this machine, for real: each part is opened as the service opens it, and given back.</summary>
    [TestMethod]
    [TestCategory("Lab")]
    public void ThisMachineIsGoodTwice()
    {
        for (var time = 0; time < 2; time++)
        {
            var output = new StringWriter();
            Assert.IsTrue(MachineChecks.Run(LinuxChecks.All(null), output), output.ToString());
            Assert.DoesNotContain("-  ", output.ToString());
        }
    }
}
