using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>A SYN without ACK: a program wants a connection, for the first time or still.</summary>
internal static class ConnectAttempt
{
    public static bool Is(in PacketView view) =>
        view.Protocol == IpProtocol.Tcp && (view.Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst)) == TcpFlags.Syn;

    /// <summary>
    /// A SYN of the program that is not the flow's own one repeated: its stack would not send it while the old connection lives. The same sequence number is
    /// the same attempt (Windows repeats a refused SYN unchanged; RFC 6528 makes the next attempt's number differ), unless the flow is over.
    /// </summary>
    public static bool IsNew(FlowHalf half, in PacketView view) =>
        half.Direction == PacketDirection.Outbound && Is(view)
        && !(half.Synchronized && half.InitialSequence == view.Sequence && half.Flow.State != FlowState.Over);
}
