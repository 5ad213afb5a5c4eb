namespace FwRedirect.Redirector.Packets;

/// <summary>The reset that a host sends for a segment that belongs to no connection (RFC 9293, 3.10.7.1): the one form that the other side accepts.</summary>
internal static class TcpReset
{
    /// <summary>From where <paramref name="segment"/> was going, to where it came from: with ACK, its number is our sequence; without, all of it is acknowledged.</summary>
    public static byte[] AnswerTo(in PacketView segment) => (segment.Flags & TcpFlags.Ack) != 0
        ? TcpSegment.Build(segment.Destination, segment.Source, segment.Acknowledgement, 0, TcpFlags.Rst)
        : TcpSegment.Build(segment.Destination, segment.Source, 0, segment.NextSequence, TcpFlags.Rst | TcpFlags.Ack);
}
