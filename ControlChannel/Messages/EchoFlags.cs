namespace FwRedirect.ControlChannel.Messages;

/// <summary>What an echo request's packet asks for beside its numbers. Bits that are not here are not looked at.</summary>
[Flags]
public enum EchoFlags : byte
{
    None = 0,

    /// <summary>The IP header's bit: too large a request is answered by "fragmentation needed" (ping -M do).</summary>
    DontFragment = 1,
}
