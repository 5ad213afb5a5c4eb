using FwRedirect.Redirector.Diversion;

namespace FwRedirect.Redirector.Journeys;

/// <summary>One thread a queue: packets in, verdicts out, in batches.</summary>
internal sealed class PacketLoop(IPacketDiverter diverter, GuardedEngine engine, NameJourney names, PingJourney pings, ListenJourney listens, ListenHold hold, Func<PacketBatch> createBatch)
{
    private readonly StrayPackets _strays = new(diverter);

    /// <summary>Reads one queue until the diverter is shut down.</summary>
    public void Run(int queue)
    {
        using var batch = createBatch();
        while (diverter.Receive(queue, batch))
        {
            listens.CatchUp();
            var now = engine.Now;
            for (var i = 0; i < batch.Count; i++)
                batch.Verdict(i) = Take(batch.Packet(i), ref batch.Address(i), now);
            diverter.Complete(queue, batch);
        }
    }

    private PacketVerdict Take(Span<byte> packet, ref DivertAddress address, long now)
    {
        if (hold.Any && hold.TryHold(packet, address))
            return PacketVerdict.Hold;
        var verdict = engine.Take(packet, ref address, now);
        return verdict == PacketVerdict.Pass && (names.TryTake(packet, address) || pings.TryTake(packet, address) || _strays.TryRefuse(packet, address))
            ? PacketVerdict.Drop : verdict;
    }
}
