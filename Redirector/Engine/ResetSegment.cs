using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>
/// Whether a reset ends its connection. All are translated (RFC 7857, 2.2), but one that a stranger made up must end nothing: its receiver would not believe it
/// either (RFC 5961, 3.2). A NAT sees no window scale that it could trust, and needs none: a true reset stands between what its receiver has acknowledged and
/// what its sender has sent.
/// </summary>
internal static class ResetSegment
{
    /// <summary>Asked before the segment's own numbers are noted.</summary>
    public static bool IsCredible(FlowHalf sender, in PacketView segment)
    {
        var receiver = sender.Other;
        // Where the diverter carries the flow we have not seen its numbers.
        if (sender.Flow.CarriedElsewhere)
            return true;
        if (receiver.Acknowledges)
            return IsBetween(segment.Sequence, receiver.Acknowledgement, sender.Sequenced ? sender.NextSequence : receiver.Acknowledgement);
        // The receiver has sent its SYN alone: the reset has to acknowledge it (RFC 9293, 3.10.7.3).
        if (receiver.Synchronized)
            return (segment.Flags & TcpFlags.Ack) != 0 && IsBetween(segment.Acknowledgement, receiver.InitialSequence + 1, receiver.NextSequence);
        // The receiver has not spoken: whoever takes back its SYN knows its number.
        return sender.Sequenced && IsBetween(segment.Sequence, sender.InitialSequence, sender.NextSequence);
    }

    /// <summary>In the circle of sequence numbers, both ends included.</summary>
    private static bool IsBetween(uint number, uint first, uint last) => number - first <= last - first;
}
