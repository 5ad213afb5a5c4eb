using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>
/// A test in the lab. FWREDIRECT_LAB_MODE=Routed runs the same programs over a plain router instead: what fails there too is not the product's fault.
/// </summary>
public abstract class LabTest
{
    protected static LabMode Mode { get; } =
        Enum.TryParse(Environment.GetEnvironmentVariable("FWREDIRECT_LAB_MODE"), out LabMode mode) ? mode : LabMode.Redirected;

    public TestContext TestContext { get; set; } = null!;

    protected CancellationToken Cancellation => TestContext.CancellationToken;

    [TestInitialize]
    public void NeedRoot()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            Assert.Inconclusive("network namespaces need root on Linux: sudo tools/test");
    }

    protected static void NeedServices()
    {
        if (Mode != LabMode.Redirected)
            Assert.Inconclusive($"is about fwhost and fwredirect, which do not run with FWREDIRECT_LAB_MODE={Mode}");
    }

    /// <summary>curl's own exit codes: 6 not resolved, 7 not connected, 28 too slow.</summary>
    protected Task<CommandResult> CurlAsync(LabRoad road, params string[] arguments) =>
        road.Network.Client.RunAsync("curl", ["--silent", "--show-error", "--max-time", "50", .. arguments], cancellation: Cancellation);
}
