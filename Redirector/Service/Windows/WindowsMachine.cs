using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Diversion.Windows;
using FwRedirect.Redirector.Diversion.Windows.Blocking;
using FwRedirect.Redirector.Diversion.Windows.Filters;
using FwRedirect.Redirector.Diversion.Windows.Routes;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Processes.Windows;
using FwRedirect.Redirector.Rules;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Service.Windows;

/// <summary>Windows: WinDivert, the IP helper's routes, the filtering platform. All of the whole machine.</summary>
[SupportedOSPlatform("windows")]
internal sealed class WindowsMachine(TimeProvider time, ILoggerFactory loggers) : IMachine
{
    private readonly ILogger<WindowsMachine> _logger = loggers.CreateLogger<WindowsMachine>();
    private readonly WinDivertOptions _winDivert = new();
    private WinDivertDriver? _driver;

    public IDisposable? Claim()
    {
        if (!Environment.IsPrivilegedProcess)
            throw new IOException("fwredirect needs administrator rights: run it from an elevated prompt (\"Run as administrator\"), or as the service that \"fwredirect install\" makes");
        return MachineClaim.Take();
    }

    public string? Recover() => FallbackRoute.Remove() ? "the fallback route" : null;

    public IReadOnlyList<LocalNetwork> LocalNetworks() =>
        [.. Diversion.Windows.Routes.LocalNetworks.Read().Select(network => new LocalNetwork(network, "interface or route"))];

    public IDisposable? WatchNetworks(Action changed) => new SettledChanges(time, changed, RouteChangeNotice.Subscribe);

    /// <summary>None: nobody could end the sockets of other processes by it.</summary>
    public IFlowJournal? OpenJournal() => null;

    /// <summary>None: what a killed run leaves is the driver's and the filtering platform's to clean up, and both do it with the process.</summary>
    public IDisposable? StartGuard(RedirectorOptions options, IFlowJournal? journal) => null;

    /// <summary>Never called, there is no journal: flows are reset at both ends while packets are still read, and the driver lets go on exit.</summary>
    public void EndFlows(IFlowJournal journal)
    {
    }

    public ISocketEventSource OpenSocketEvents(RedirectorOptions options) => new WinDivertSocketEvents(Driver(options), _winDivert, time);

    public IProcessLookup OpenProcessLookup(ISocketEventSource events) => new WindowsProcessLookup(time, new WindowsProcesses(), new SocketTables());

    public IDisposable? AddFallbackRoute(IPAddress firewall)
    {
        try
        {
            return FallbackRoute.Install(firewall);
        }
        catch (EntryPointNotFoundException)
        {
            WindowsMachineLog.NoFallbackRoute(_logger);
            return null;
        }
    }

    public bool HasDefaultRoute(AddressFamily family) => DefaultRoute.Exists(family);

    public bool HasIPv6Address() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .SelectMany(i => i.GetIPProperties().UnicastAddresses)
        .Any(a => a.Address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv6LinkLocal: false } && a.DuplicateAddressDetectionState == DuplicateAddressDetectionState.Preferred);

    public IPacketDiverter OpenDiverter(RedirectorOptions options, IReadOnlyList<IPEndPoint> firewalls, IReadOnlyList<LocalNetwork> local) =>
        new WinDivertDiverter(Driver(options), Filter(options, firewalls, local), _winDivert, time, loggers.CreateLogger<WinDivertDiverter>());

    public void UpdateDiverter(IPacketDiverter diverter, RedirectorOptions options, IReadOnlyList<IPEndPoint> firewalls, IReadOnlyList<LocalNetwork> local)
    {
        ((WinDivertDiverter)diverter).ReplaceFilter(Filter(options, firewalls, local));
        // Should this run be killed, the block is to know the networks of now.
        if (options.WhenNotRunning == NotRunningTreatment.Block)
            BlockFilter.Install(local.Select(n => n.Network));
    }

    public IDisposable? LiftBlock(RedirectorOptions options, IReadOnlyList<LocalNetwork> local)
    {
        if (options.WhenNotRunning == NotRunningTreatment.Block)
        {
            BlockFilter.Install(local.Select(n => n.Network));
            var lifted = BlockFilter.Lift();
            WindowsMachineLog.BlockLifted(_logger);
            return lifted;
        }

        try
        {
            if (BlockFilter.Remove())
                WindowsMachineLog.BlockRemoved(_logger);
        }
        catch (Exception failure) when (failure is IOException or DllNotFoundException or EntryPointNotFoundException)
        {
            // Nobody asked for a block: a platform that does not answer stops nothing but this look.
            WindowsMachineLog.BlockUnknown(_logger, failure.Message);
        }

        return null;
    }

    public PacketBatch CreateBatch() => WinDivertDiverter.CreateBatch();

    private string Filter(RedirectorOptions options, IReadOnlyList<IPEndPoint> firewalls, IReadOnlyList<LocalNetwork> local)
    {
        var diverted = new DiversionFilterOptions
        {
            RefuseIPv6 = options.WhenFirewallHasNoIPv6 == NoIPv6Treatment.Block,
            FirewallAddresses = [.. firewalls.Select(f => f.Address)],
            ControlPort = (ushort)options.Firewalls[0].Port,
            LocalNetworks = [.. local.Select(n => n.Network)],
        };
        var filter = DiversionFilter.Build(diverted, out var leftOut);
        WindowsMachineLog.Filter(_logger, filter);
        if (leftOut > 0)
            WindowsMachineLog.LeftOut(_logger, leftOut);
        return filter;
    }

    /// <summary>What runs in the kernel is known before anything of it is loaded; both handles come from the one library.</summary>
    private WinDivertDriver Driver(RedirectorOptions options)
    {
        if (_driver is not null)
            return _driver;
        WinDivertFiles.Verify(AppContext.BaseDirectory, options.DriverHashes);
        return _driver = WinDivertDriver.Load(AppContext.BaseDirectory);
    }
}
