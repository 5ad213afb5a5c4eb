using System.Net;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using FwRedirect.Redirector.Service.Linux;
using FwRedirect.Tests.Redirector.Diversion.Linux;
using FwRedirect.Tests.Redirector.Diversion.Linux.Recovery;

namespace FwRedirect.Tests.Redirector.Service.Linux;

/// <summary>A Linux machine's parts, opened and undone in the service's order, for a test that plays the service. Made and disposed of in the client's namespace.</summary>
[SupportedOSPlatform("linux")]
internal sealed class OpenedMachine : IDisposable
{
    private readonly LinuxMachine _machine;
    private readonly Stack<IDisposable?> _opened = new();

    public OpenedMachine(string journalPath)
    {
        var options = new RedirectorOptions { Firewalls = [new(NamespacePair.FirewallAddress.ToString(), 1745)] };
        _machine = new LinuxMachine(TimeProvider.System, journalPath, [Environment.ProcessPath!, ChildRoles.Guard]);
        _machine.Recover();
        _opened.Push(Journal = _machine.OpenJournal()!);
        _opened.Push(_machine.StartGuard(options, Journal));
        var events = _machine.OpenSocketEvents(options);
        _opened.Push(events);
        _opened.Push(Processes = _machine.OpenProcessLookup(events));
        _opened.Push(_machine.AddFallbackRoute(NamespacePair.FirewallAddress));
        LocalNetwork[] local = [new(IPNetwork.Parse("192.168.0.0/24"), "interface")];
        _opened.Push(Diverter = _machine.OpenDiverter(options, [new IPEndPoint(NamespacePair.FirewallAddress, 1745)], local));
    }

    public IFlowJournal Journal { get; }

    public IProcessLookup Processes { get; }

    public IPacketDiverter Diverter { get; }

    public void Dispose()
    {
        Diverter.Dispose();
        _machine.EndFlows(Journal);
        while (_opened.TryPop(out var part))
            part?.Dispose();
    }
}
