using FwRedirect.ControlChannel.Status;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Journeys;

/// <summary>
/// The old library let a program's bind() and listen() return only when the firewall was listening. At packet level both are over before we hear of them; what
/// can wait is what the program says next. So while the firewall is asked to listen for a process, what that process sends on its redirected connections is held:
/// a port that it announces (FTP's PORT) is then open when the other side reads of it. Thread-safe.
/// </summary>
internal sealed class ListenHold(GuardedEngine engine, IPacketDiverter diverter) : ICounted
{
    /// <summary>A firewall that has not answered by then (it does in about a millisecond) shall not slow the program down for longer. Milliseconds.</summary>
    private const long Longest = 1_000;

    /// <summary>A program that waits for a peer sends a command or two; one that pours out data is let go.</summary>
    private const int MostPackets = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, Process> _processes = [];
    private volatile int _count;

    /// <summary>True where any process is held; asked for every packet.</summary>
    public bool Any => _count != 0;

    public void Begin(int processId)
    {
        lock (_gate)
        {
            if (!_processes.TryGetValue(processId, out var process))
                _processes[processId] = process = new Process(engine.Now + Longest);
            process.Listens++;
            _count = _processes.Count;
        }
    }

    /// <summary>One of the process's listens is answered; after the last one its packets go on.</summary>
    public void End(int processId)
    {
        lock (_gate)
        {
            if (_processes.TryGetValue(processId, out var process) && --process.Listens == 0)
                Release(processId, process);
        }
    }

    /// <summary>Keeps a packet back where its process waits; the diverter then holds the packet, and this a copy.</summary>
    public bool TryHold(ReadOnlySpan<byte> packet, in DivertAddress address)
    {
        var view = new PacketView(packet);
        if (address.Direction != PacketDirection.Outbound || view.Protocol != IpProtocol.Tcp || view.PayloadBytes.IsEmpty)
            return false;
        if (engine.Find(view)?.Owner is not FlowOwner { Process: var owner })
            return false;

        lock (_gate)
        {
            if (!_processes.TryGetValue(owner.Id, out var process))
                return false;
            if (process.Packets.Count >= MostPackets)
            {
                Release(owner.Id, process);
                return false;
            }

            process.Packets.Add((packet.ToArray(), address));
            return true;
        }
    }

    /// <summary>About once a second: who has waited too long goes on.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            foreach (var (processId, process) in _processes.Where(p => engine.Now >= p.Value.Deadline).ToArray())
                Release(processId, process);
        }
    }

    public void Count(StatusCounters counters)
    {
        lock (_gate)
        {
            counters.Add("packets", "heldForListens", _processes.Values.Sum(process => process.Packets.Count));
            counters.Add("packets", "processesHeld", _processes.Count);
        }
    }

    private void Release(int processId, Process process)
    {
        foreach (var (packet, address) in process.Packets)
        {
            var released = address;
            var verdict = engine.Take(packet, ref released, engine.Now);
            if (verdict == PacketVerdict.Drop)
                diverter.Drop(released);
            else if (verdict != PacketVerdict.Hold)
                diverter.Send(packet, released);
        }

        // Last: until here a packet that comes now waits at the gate and keeps its place.
        _processes.Remove(processId);
        _count = _processes.Count;
    }

    private sealed class Process(long deadline)
    {
        public long Deadline { get; } = deadline;

        public int Listens { get; set; }

        public List<(byte[] Packet, DivertAddress Address)> Packets { get; } = [];
    }
}
