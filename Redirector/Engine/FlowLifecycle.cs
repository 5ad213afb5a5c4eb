using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>
/// The life of a flow, all of it:
/// <code>
/// SYN held ─► Pending ─┬─ Connected ─► Opening ─► Established ─► HalfClosed ─► Closing ─► Over ─► Forgotten
///                      ├─ Refused ───► Refused ─► Forgotten         (a credible RST, either way, from any of these: Over)
///                      └─ PassUnchanged ─► Forgotten
/// AddMapping ─► Announced ─ first packet ─► Opening ─► ...
/// Abort ─► Aborted ─► Forgotten
/// </code>
/// What stands before Over is not stored but read from what the two directions have seen, since two threads move it without a lock.
/// </summary>
internal static class FlowLifecycle
{
    public static FlowState StateOf(Flow flow)
    {
        if (flow.Decided != FlowState.Opening)
            return flow.Decided;
        if (flow.End != FlowEnd.None)
            return FlowState.Over;
        if (flow.IsMapping && flow.Inbound.Packets == 0 && flow.Outbound.Packets == 0)
            return FlowState.Announced;
        if (flow.Protocol != IpProtocol.Tcp)
            return flow.Inbound.Packets > 0 && flow.Outbound.Packets > 0 ? FlowState.Established : FlowState.Opening;
        if (flow.Outbound.Finished || flow.Inbound.Finished)
            return flow.Outbound.Finished && flow.Inbound.Finished ? FlowState.Closing : FlowState.HalfClosed;
        return flow.Outbound.Acknowledges && flow.Inbound.Acknowledges ? FlowState.Established : FlowState.Opening;
    }

    /// <summary>Idle time after which a bound flow is over, in its state.</summary>
    public static long IdleLimit(Flow flow, FlowState state) => state switch
    {
        FlowState.Announced => FlowLimits.Announced,
        _ when flow.Protocol != IpProtocol.Tcp => FlowLimits.DatagramIdle,
        FlowState.Established or FlowState.HalfClosed => FlowLimits.EstablishedIdle,
        _ => FlowLimits.TransitoryIdle,
    };

    /// <summary>
    /// Takes note of a segment on its direction's thread. True for the one segment, of either direction, that ends the flow.
    /// </summary>
    public static bool Advance(FlowHalf half, in PacketView segment)
    {
        var flags = segment.Flags;
        if ((flags & TcpFlags.Rst) != 0)
        {
            return ResetSegment.IsCredible(half, segment)
                && half.Flow.TryEnd(half.Direction == PacketDirection.Outbound ? FlowEnd.ResetByProgram : FlowEnd.ResetByPeer);
        }
        var next = segment.NextSequence;
        half.Advance(next);
        if ((flags & TcpFlags.Ack) != 0)
        {
            half.Acknowledgement = segment.Acknowledgement;
            half.Acknowledges = true;
        }
        if ((flags & (TcpFlags.Syn | TcpFlags.Fin)) != 0)
        {
            // The first one counts: a SYN in the middle of a connection is somebody else's (RFC 5961, 4).
            if ((flags & TcpFlags.Syn) != 0 && !half.Synchronized)
            {
                half.InitialSequence = segment.Sequence;
                half.Synchronized = true;
            }
            if ((flags & TcpFlags.Fin) != 0)
                half.Finish(next);
        }
        return half.Finished && half.Other.Finished && BothAcknowledged(half);
    }

    private static bool BothAcknowledged(FlowHalf half)
    {
        // The last two ACKs may pass on two threads at once. Each writes its own and then reads the other's: without the fence both could miss it.
        Interlocked.MemoryBarrier();
        var other = half.Other;
        return (int)(half.Acknowledgement - other.FinEnd) >= 0 && (int)(other.Acknowledgement - half.FinEnd) >= 0
            && half.Flow.TryEnd(FlowEnd.Closed);
    }
}
