using System.Net;
using System.Runtime.Versioning;
using FwRedirect.ControlChannel.Status;
using FwRedirect.Redirector.Diversion.Linux.Queues;
using FwRedirect.Redirector.Diversion.Linux.Rules;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion.Linux;

/// <summary>
/// Packets through two netfilter queues, outbound and inbound, of the network namespace of the thread that opens it. With rules it owns those too and removes
/// them when disposed; without, the caller has made its own.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class NfQueueDiverter : IPacketDiverter, ICounted
{
    private readonly NfQueue[] _queues;
    private readonly RawInjector _injector;
    private readonly DiversionRules? _rules;
    private readonly Lock _refilling = new();
    private DiversionRuleOptions? _ruleOptions;
    private volatile bool _disposed;

    /// <summary>Opens the queues first and sends packets into them last.</summary>
    /// <exception cref="IOException">A queue is taken, a right or a program is missing, a rule was refused; nothing is left behind then.</exception>
    public NfQueueDiverter(NfQueueOptions options, DiversionRuleOptions? rules, TimeProvider time)
    {
        var queues = new List<NfQueue>(2);
        try
        {
            _injector = new RawInjector(options.MarkBit);
            queues.Add(new NfQueue(0, PacketDirection.Outbound, options, Counters, _injector, time));
            queues.Add(new NfQueue(1, PacketDirection.Inbound, options, Counters, _injector, time));
            _queues = [.. queues];
            _ruleOptions = rules is null ? null : rules with { Queues = options };
            if (_ruleOptions is not null) _rules = DiversionRules.Install(_ruleOptions);
        }
        catch
        {
            _injector?.Dispose();
            foreach (var queue in queues) queue.Dispose();
            throw;
        }
    }

    public int QueueCount => _queues.Length;

    public NfQueueCounters Counters { get; } = new();

    /// <summary>A batch whose memory has a slot for each of its packets. One of another size works too, but holds BufferSize / 66,048 packets at most.</summary>
    public static PacketBatch CreateBatch() => new(NfQueue.LargestBatch, NfQueue.LargestBatch * NfQueue.SlotSize);

    public bool Receive(int queue, PacketBatch batch) => _queues[queue].Receive(batch);

    public void Complete(int queue, PacketBatch batch) => _queues[queue].Complete(batch);

    public void Send(ReadOnlySpan<byte> packet, in DivertAddress address)
    {
        if (_disposed) return;
        if ((address.Checksums & ChecksumState.Valid) == ChecksumState.Valid)
        {
            SendComplete(packet, address);
            return;
        }

        // Rare and small: held SYNs, DNS answers, RST and ICMP. A held packet of a bulk flow may have 64 KB.
        var copy = packet.Length <= 2048 ? stackalloc byte[packet.Length] : new byte[packet.Length];
        packet.CopyTo(copy);
        var checksums = address.Checksums;
        PacketEdit.Complete(copy, new PacketView(copy), ref checksums);
        SendComplete(copy, address);
    }

    public void Drop(in DivertAddress address)
    {
        if (address.Id != 0 && !_disposed) QueueOf(address).Drop((uint)address.Id);
    }

    /// <summary>
    /// Diverts from here on what has gone undiverted and is not in <paramref name="local"/>, and what comes from these firewalls. Nothing else: what is local only now stays diverted, and
    /// passes by the rules, since the chains can not tell its new connections from those that are redirected and shall go on.
    /// </summary>
    public void Update(IReadOnlyList<IPAddress> firewalls, IReadOnlyCollection<string> local)
    {
        lock (_refilling)
        {
            if (_disposed || _rules is null || _ruleOptions is null) return;
            string[] left = [.. _ruleOptions.LocalDestinations.Where(local.Contains)];
            if (left.Length == _ruleOptions.LocalDestinations.Count && firewalls.SequenceEqual(_ruleOptions.FirewallAddresses)) return;
            var next = _ruleOptions with { FirewallAddresses = firewalls, LocalDestinations = left };
            _rules.Replace(next);
            _ruleOptions = next;
        }
    }

    public void Count(StatusCounters counters)
    {
        counters.Add("packets", "everOverrun", Counters.Overruns);
        counters.Add("packets", "everRefusedVerdict", Counters.RefusedVerdicts);
        counters.Add("packets", "everUnreadable", Counters.Unreadable);
        counters.Add("packets", "everFailedInjection", Counters.FailedInjections);
        foreach (var queue in _queues)
        {
            if (QueueStatistics.Read(queue.Number) is not { } seen) continue;
            counters.Add("packets", "waitingInKernel", seen.Waiting);
            counters.Add("packets", "everDroppedByKernel", seen.DroppedFull + seen.DroppedUnsent);
        }
    }

    public void Shutdown()
    {
        foreach (var queue in _queues) queue.Shutdown();
    }

    public void Dispose()
    {
        lock (_refilling)
        {
            if (_disposed) return;
            _disposed = true;
        }

        Shutdown();
        try
        {
            _rules?.Dispose();
        }
        finally
        {
            // What came between the first shutdown and the removal of the rules goes on as well; closing the queue would drop it.
            Shutdown();
            foreach (var queue in _queues) queue.Dispose();
            _injector.Dispose();
        }
    }

    private void SendComplete(ReadOnlySpan<byte> packet, in DivertAddress address)
    {
        if (address.Id != 0) QueueOf(address).Release((uint)address.Id, address.Mark, packet);
        else if (!_injector.Send(packet, address.InterfaceIndex)) Counters.FailedInjection();
    }

    private NfQueue QueueOf(in DivertAddress address) => _queues[(int)(address.Id >> 32) - 1];
}
