using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Session;

/// <summary>
/// What makes a resumed session miss nothing and do nothing twice: each side counts the messages of the other, and keeps its own until the other's count has passed
/// them. Counts are modulo 2^32.
/// </summary>
internal sealed class ReplayBuffer
{
    /// <summary>An acknowledgement at the latest after so many messages, so that the other side need not keep more.</summary>
    private const uint Step = 32;

    private readonly Queue<RwsMessage> _kept = new();
    private uint _acknowledged;
    private uint _told;

    /// <summary>Numbered messages that came from the other side.</summary>
    public uint Received { get; private set; }

    /// <summary>Messages that the other side has not acknowledged, the oldest first.</summary>
    public IReadOnlyCollection<RwsMessage> Kept => _kept;

    /// <summary>Enough has come since the last word of it.</summary>
    public bool IsAcknowledgementDue => Received - _told >= Step;

    public bool HasNews => Received != _told;

    /// <summary>What belongs to one connection, or has its own way of being repeated, has no number; nor has a ping, which may be lost as on any network.</summary>
    public static bool IsNumbered(RwsMessage message) =>
        message is not (ChannelSetupRequest or ChannelSetupResponse or Authenticate or LogonOk or LogonFailure or KeepAlive or KeepAliveReply
            or EchoRequest or EchoReply or EchoError or SessionTicket or Resume or Resumed or Acknowledge or EndOfSession or ErrorReply { Request: OpCode.ChannelSetupRequest or OpCode.Resume });

    /// <summary>Keeps it; false where the other side has not acknowledged anything for too long.</summary>
    public bool TryKeep(RwsMessage message)
    {
        if (_kept.Count >= RwsLimits.UnacknowledgedMessages)
            return false;
        _kept.Enqueue(message);
        return true;
    }

    public void Count() => Received++;

    /// <summary>The count to be told; <see cref="HasNews"/> is false from here on.</summary>
    public uint Tell() => _told = Received;

    /// <summary>The other side has read so many; false where it can not have.</summary>
    public bool TryAcknowledge(uint received)
    {
        var more = received - _acknowledged;
        if (more > _kept.Count)
            return false;
        for (; more > 0; more--)
            _kept.Dequeue();
        _acknowledged = received;
        return true;
    }

    public void Clear() => _kept.Clear();
}
