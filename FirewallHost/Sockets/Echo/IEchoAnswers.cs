using System.Net;

namespace FwRedirect.FirewallHost.Sockets.Echo;

/// <summary>Hears what came of the firewall's echo requests. Called by any thread; must not block.</summary>
internal interface IEchoAnswers
{
    void Replied(ushort sequence, IPAddress source, byte timeToLive, ReadOnlySpan<byte> data);

    /// <param name="destination">That of the request.</param>
    void Failed(ushort sequence, IPAddress destination, in IcmpReport report);
}
