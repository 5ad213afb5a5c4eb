using System.Runtime.Versioning;
using FwRedirect.Redirector.Service.Windows;

namespace FwRedirect.Tests.Redirector.Service.Windows;

[TestClass]
[SupportedOSPlatform("windows")]
public sealed class MachineClaimTests
{
    [TestMethod]
    public void ASecondOneIsRefusedUntilTheFirstIsGone()
    {
        if (!OperatingSystem.IsWindows())
            Assert.Inconclusive("Windows' rules of shared files: needs Windows. Under Wine: WineServiceTests");
        var path = Path.Combine(Path.GetTempPath(), $"FwRedirect-{Guid.NewGuid():N}.lock");
        var first = MachineClaim.Take(path);
        var failure = Assert.ThrowsExactly<IOException>(() => MachineClaim.Take(path));
        Assert.AreEqual($"another fwredirect runs on this machine already (it has {path})", failure.Message);
        // From any thread: a stop does not come on the one that started.
        var stop = new Thread(first.Dispose);
        stop.Start();
        stop.Join();
        Assert.IsFalse(File.Exists(path), "it goes with its holder");
        MachineClaim.Take(path).Dispose();
    }

    [TestMethod]
    public void AFolderThatOneMayNotWriteToIsNamed()
    {
        var path = Path.Combine(Path.GetTempPath(), $"FwRedirect-{Guid.NewGuid():N}", "FwRedirect.lock");
        Assert.Contains(path, Assert.Throws<IOException>(() => MachineClaim.Take(path)).Message);
    }
}
