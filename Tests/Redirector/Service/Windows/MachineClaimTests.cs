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
        var name = $@"Global\FwRedirect-{Guid.NewGuid():N}";
        var first = MachineClaim.Take(name);
        var failure = Assert.ThrowsExactly<IOException>(() => MachineClaim.Take(name));
        Assert.AreEqual($"another fwredirect runs on this machine already (it has {name})", failure.Message);
        // From any thread: a stop does not come on the one that started.
        var stop = new Thread(first.Dispose);
        stop.Start();
        stop.Join();
        MachineClaim.Take(name).Dispose();
    }
}
