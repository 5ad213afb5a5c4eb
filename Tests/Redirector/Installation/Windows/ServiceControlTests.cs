using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Installation.Windows;

namespace FwRedirect.Tests.Redirector.Installation.Windows;

/// <summary>What can be judged of the binding to the service control manager without one. The calls themselves run under Wine.</summary>
[TestClass]
[SupportedOSPlatform("windows")]
public sealed class ServiceControlTests
{
    /// <summary>winsvc.h, 64 bit.</summary>
    [TestMethod]
    public void TheStructsHaveWindowsSizes()
    {
        Assert.AreEqual(36, Unsafe.SizeOf<ServiceStatusProcess>());
        Assert.AreEqual(64, Unsafe.SizeOf<ServiceConfiguration>());
        Assert.AreEqual(8, Unsafe.SizeOf<FailureAction>());
        Assert.AreEqual(40, Unsafe.SizeOf<FailureActions>());
        Assert.AreEqual(28, (int)Marshal.OffsetOf<ServiceStatusProcess>(nameof(ServiceStatusProcess.ProcessId)));
        Assert.AreEqual(16, (int)Marshal.OffsetOf<ServiceConfiguration>(nameof(ServiceConfiguration.BinaryPathName)));
        Assert.AreEqual(40, (int)Marshal.OffsetOf<ServiceConfiguration>(nameof(ServiceConfiguration.Dependencies)));
        Assert.AreEqual(32, (int)Marshal.OffsetOf<FailureActions>(nameof(FailureActions.Actions)));
    }

    [TestMethod]
    [DataRow(0u, 0u, "stopped in order")]
    [DataRow(1066u, 16u, "error 16: it did not start, step Diversion failed")]
    [DataRow(1077u, 0u, null)]
    public void TheLastEndIsTold(uint exitCode, uint serviceExitCode, string? words) => Assert.AreEqual(words, ServiceControlErrors.DescribeEnd(exitCode, serviceExitCode));

    [TestMethod]
    public void RefusalsSayWhatToDo()
    {
        Assert.Contains("Run as administrator", ServiceControlErrors.Text(5));
        Assert.Contains("close services.msc", ServiceControlErrors.Text(1072));
        Assert.EndsWith("(error 1314)", ServiceControlErrors.Text(1314));
    }
}
