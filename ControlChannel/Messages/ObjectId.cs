namespace FwRedirect.ControlChannel.Messages;

/// <summary>
/// Names one object of a client: a look-up, an outgoing socket, a bound socket. The client gives it when it makes the object and the firewall echoes it.
/// High word: a counter of the channel. Low word: 0x0200 for a bound socket, else 0 (the article shows 0x10000, 0x20000 and 0x40200).
/// </summary>
public readonly record struct ObjectId(uint Value)
{
    public const uint BoundSocket = 0x0200;

    /// <summary>The channel itself: set-up, logon, keep-alive.</summary>
    public static ObjectId Channel => default;

    public bool IsBoundSocket => (Value & 0xFFFF) == BoundSocket;

    public override string ToString() => $"0x{Value:X}";
}
