using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using FwRedirect.Redirector.Service;

namespace FwRedirect.Tests.Redirector.Service;

/// <summary>A machine on which nothing is changed: it notes what is opened, used at the stop, and closed, in order.</summary>
internal sealed class FakeMachine : IMachine
{
    private readonly ConcurrentQueue<string> _log = new();

    public FakeMachine()
    {
        Diverter = new FakeDiverter(_log.Enqueue);
        Events = new FakeSocketEvents(_log.Enqueue);
    }

    public FakeDiverter Diverter { get; }

    public FakeSocketEvents Events { get; }

    /// <summary>Who has a socket with this local port, null where nobody can tell; all others are ftp's, process 100 of alice.</summary>
    public ConcurrentDictionary<ushort, ProcessInfo?> Owners { get; } = new();

    /// <summary>A process can not be looked up by its id.</summary>
    public bool LookUpFails { get; set; }

    /// <summary>The part that can not be opened.</summary>
    public string? Fails { get; init; }

    public string[] Log => [.. _log];

    /// <summary>As if the machine had a way of its own.</summary>
    public bool Routed { get; set; } = true;

    public IDisposable? Claim() => Open("claim");

    public bool HasDefaultRoute(AddressFamily family) => Routed;

    public bool HasIPv6 { get; set; }

    public bool HasIPv6Address() => HasIPv6;

    public string? Recover() => Open("recovery") is null ? null : "rules";

    public IReadOnlyList<LocalNetwork> LocalNetworks()
    {
        Open("networks");
        return [.. Networks.Select(n => new LocalNetwork(IPNetwork.Parse(n), "interface"))];
    }

    /// <summary>What the machine calls near; <see cref="NetworksChanged"/> tells of a change.</summary>
    public string[] Networks { get; set; } = ["192.168.0.0/24"];

    public Action NetworksChanged { get; private set; } = () => { };

    public IDisposable? WatchNetworks(Action changed)
    {
        NetworksChanged = changed;
        return Open("watch");
    }

    public void UpdateDiverter(IPacketDiverter diverter, RedirectorOptions options, IReadOnlyList<IPEndPoint> firewalls, IReadOnlyList<LocalNetwork> local)
    {
        Assert.AreSame(Diverter, diverter);
        Open($"update {string.Join(' ', local.Where(n => n.Source == "interface").Select(n => n.Network))}");
    }

    public IDisposable? LiftBlock(RedirectorOptions options, IReadOnlyList<LocalNetwork> local) => Open("lift");

    /// <summary>Slots that were given back and never taken.</summary>
    public ConcurrentQueue<int> WrongSlots { get; } = new();

    public IFlowJournal? OpenJournal() => new Journal(this, Open("journal"));

    public IDisposable? StartGuard(RedirectorOptions options, IFlowJournal? journal) => Open("guard");

    public void EndFlows(IFlowJournal journal) => _log.Enqueue("end flows");

    public ISocketEventSource OpenSocketEvents(RedirectorOptions options)
    {
        Open("events");
        return Events;
    }

    public IProcessLookup OpenProcessLookup(ISocketEventSource events) => new Lookup(this, Open("processes"));

    public IDisposable? AddFallbackRoute(IPAddress firewall) => Open("route");

    public IPacketDiverter OpenDiverter(RedirectorOptions options, IReadOnlyList<IPEndPoint> firewalls, IReadOnlyList<LocalNetwork> local)
    {
        Open("diverter");
        return Diverter;
    }

    public PacketBatch CreateBatch() => new(1, PacketBatch.LargestPacket);

    private Part Open(string what)
    {
        if (what == Fails)
            throw new IOException($"{what} is not to be had");
        _log.Enqueue($"open {what}");
        return new Part(() => _log.Enqueue($"close {what}"));
    }

    private sealed class Part(Action close) : IDisposable
    {
        public void Dispose() => close();
    }

    private sealed class Journal(FakeMachine machine, Part part) : IFlowJournal
    {
        public int Add(byte protocol, PacketEndpoint local, PacketEndpoint remote) => 1;

        public void Remove(int slot)
        {
            if (slot != 1)
                machine.WrongSlots.Enqueue(slot);
        }

        public void Dispose() => part.Dispose();
    }

    private sealed class Lookup(FakeMachine machine, Part part) : IProcessLookup
    {
        private static readonly ProcessInfo Ftp = new(100, "ftp", "/usr/bin/ftp", "alice", 1000);

        public ValueTask<ProcessInfo?> FindAsync(byte protocol, PacketEndpoint local, PacketEndpoint remote) =>
            ValueTask.FromResult(machine.Owners.GetValueOrDefault(local.Port, Ftp));

        public ProcessInfo? Find(int processId) =>
            machine.LookUpFails ? throw new IOException("no look-up") : processId == Ftp.Id ? Ftp : machine.Owners.Values.FirstOrDefault(p => p?.Id == processId);

        public void Observe(in SocketEvent socketEvent)
        {
        }

        public void Dispose() => part.Dispose();
    }
}
