using System.Runtime.Versioning;
using FwRedirect.Redirector.Checks;
using FwRedirect.Redirector.Checks.Windows;
using FwRedirect.Redirector.Diversion.Windows;
using FwRedirect.Redirector.Diversion.Windows.Native;
using FwRedirect.Redirector.Installation;

namespace FwRedirect.Tests.Redirector.Checks.Windows;

[TestClass]
[SupportedOSPlatform("windows")]
public sealed class WindowsChecksTests
{
    [TestMethod]
    public void TheDriverIsOpenedForNoPacketAndClosed()
    {
        var driver = new FakeDriver(error: 0);
        Assert.AreEqual(CheckOutcome.Good, new DriverOpenCheck(privileged: true, () => { }, () => driver).Look().Outcome);
        Assert.AreEqual("false", driver.Filter);
        Assert.IsTrue(driver.Closed);
    }

    /// <summary>A file that is not the known one is never loaded.</summary>
    [TestMethod]
    public void WrongFilesAreNotLoaded()
    {
        var check = new DriverOpenCheck(privileged: true, () => throw new IOException("wrong hash"), () => throw new InvalidOperationException("loaded"));
        Assert.AreEqual(CheckOutcome.NotTried, check.Look().Outcome);
    }

    [TestMethod]
    [DataRow(577, "signature")]
    [DataRow(1275, "blocks the driver")]
    [DataRow(3, "another product")]
    [DataRow(5, "elevated")]
    public void WhatTheDriverSaysIsTold(int error, string words)
    {
        var output = new StringWriter();
        Assert.IsFalse(MachineChecks.Run([new DriverOpenCheck(privileged: true, () => { }, () => new FakeDriver(error))], output));
        Assert.Contains(words, output.ToString());
        Assert.Contains($"(error {error})", output.ToString());
    }

    [TestMethod]
    [DataRow(null, true, "none is left")]
    [DataRow(@"\??\C:\Old\WinDivert64.sys", false, @"C:\Old\WinDivert64.sys, which is gone")]
    [DataRow(@"\??\C:\Other\WinDivert64.sys", true, @"another product's is in use, C:\Other\WinDivert64.sys")]
    public void AnEntryOfOthersIsNamed(string? path, bool exists, string words)
    {
        var result = new DriverServiceCheck(@"C:\FwRedirect", () => path, _ => exists).Look();
        Assert.Contains(words, result.Text);
        Assert.AreEqual(exists ? CheckOutcome.Good : CheckOutcome.Wrong, result.Outcome);
    }

    [TestMethod]
    public void OurOwnEntryIsOurs()
    {
        var path = Path.Combine("fwredirect", "WinDivert64.sys");
        Assert.AreEqual(CheckResult.Good("our own, in use"), new DriverServiceCheck("fwredirect", () => $@"\??\{path}", _ => true).Look());
    }

    [TestMethod]
    public void TheFilteringEngineHasToRun()
    {
        Assert.AreEqual(CheckOutcome.Good, new FilteringEngineCheck(() => ServiceState.Running).Look().Outcome);
        Assert.Contains("net start BFE", new FilteringEngineCheck(() => ServiceState.Stopped).Look().Text);
        Assert.AreEqual(CheckOutcome.NotTried, new FilteringEngineCheck(() => ServiceState.NotInstalled).Look().Outcome);
    }

    private sealed class FakeDriver(int error) : IWinDivertDriver, IWinDivertHandle
    {
        public string? Filter { get; private set; }

        public bool Closed { get; private set; }

        public IWinDivertHandle Open(string filter, WinDivertLayer layer, short priority, WinDivertOpenFlags flags)
        {
            Filter = filter;
            return error == 0 ? this : throw new WinDivertException(error, "WinDivert could not be opened");
        }

        public void Dispose() => Closed = true;

        public bool Receive(Span<byte> packets, Span<WinDivertAddress> addresses, out int length, out int count, out int error) => throw new NotSupportedException();

        public bool Send(ReadOnlySpan<byte> packets, ReadOnlySpan<WinDivertAddress> addresses, out int error) => throw new NotSupportedException();

        public void Set(WinDivertParameter parameter, ulong value) => throw new NotSupportedException();

        public ulong Get(WinDivertParameter parameter) => throw new NotSupportedException();

        public void Shutdown(WinDivertShutdown how) => throw new NotSupportedException();
    }
}
