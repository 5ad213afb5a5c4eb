using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.FirewallHost.Sockets.Echo;

/// <summary>Whose echo requests they are: one client session.</summary>
internal interface IEchoOwner
{
    void Replied(EchoRequest request, byte timeToLive, ReadOnlySpan<byte> data);

    void Failed(EchoRequest request, in IcmpReport report);
}
