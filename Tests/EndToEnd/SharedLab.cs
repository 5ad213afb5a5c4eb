using System.Diagnostics.CodeAnalysis;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Tests that share one lab for their class: the first of them opens it. Servers of their own stand beside those that every lab has.</summary>
public abstract class SharedLab<TClass> : LabTest
    where TClass : SharedLab<TClass>
{
    private static LabRoad? _road;
    private static LabServers? _servers;

    protected static LabRoad Road => _road!;

    protected virtual LabIPv6 IPv6 => LabIPv6.None;

    /// <summary>Keys of fwhost over those of its file.</summary>
    protected virtual string[] FirewallArguments => [];

    [TestInitialize]
    public async Task OpenRoad()
    {
        NeedPrograms();
        if (_road is not null) return;
        _road = await LabRoad.OpenAsync(Mode, firewallArguments: FirewallArguments, ipv6: IPv6, cancellation: Cancellation);
        _servers = await LabServers.WhenAllAsync(await StartServersAsync(_road.Network));
        await PrepareAsync();
    }

    [TestCleanup]
    public void ShowLogs()
    {
        if (TestContext.CurrentTestOutcome == UnitTestOutcome.Passed || _road is null) return;
        TestContext.WriteLine(_servers?.Log() ?? "");
        TestContext.WriteLine(_road.Log());
    }

    [SuppressMessage("Design", "CA1000", Justification = "The test platform calls it, once for each class.")]
    [ClassCleanup(InheritanceBehavior.BeforeEachDerivedClass)]
    public static async Task CloseRoad()
    {
        (LabRoad? road, LabServers? servers) = (_road, _servers);
        (_road, _servers) = (null, null);
        try
        {
            if (servers is not null) await servers.DisposeAsync();
        }
        finally
        {
            if (road is not null) await road.DisposeAsync();
        }
    }

    protected virtual Task<Task<LabProcess>[]> StartServersAsync(LabNetwork network) => Task.FromResult<Task<LabProcess>[]>([]);

    /// <summary>Once, when the lab is open.</summary>
    protected virtual Task PrepareAsync() => Task.CompletedTask;

    /// <summary>Before the lab is opened: what cannot be had on each machine.</summary>
    protected virtual void NeedPrograms()
    {
    }
}
