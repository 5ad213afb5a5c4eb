using System.Net;
using System.Net.NetworkInformation;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Sockets.Echo;

/// <summary>By the platform's own ping: on Windows that is IcmpSendEcho, which needs no right. Each request waits for its own answer there.</summary>
internal sealed class SystemEchoSender(IEchoAnswers answers) : IEchoSender
{
    public string Description => "the system's ping";

    public bool TrySend(IPAddress destination, ushort sequence, byte timeToLive, bool dontFragment, ReadOnlyMemory<byte> data)
    {
        _ = SendAsync(destination, sequence, new PingOptions(timeToLive, dontFragment), data.ToArray());
        return true;
    }

    public void Dispose()
    {
    }

    private async Task SendAsync(IPAddress destination, ushort sequence, PingOptions options, byte[] data)
    {
        try
        {
            using var ping = new Ping();
            var reply = await ping.SendPingAsync(destination, Limits.EchoLifetime, data, options);
            if (reply.Status == IPStatus.Success)
                answers.Replied(sequence, reply.Address, (byte)(reply.Options?.Ttl ?? options.Ttl), reply.Buffer);
            else if (Report(reply) is { } report)
                answers.Failed(sequence, destination, report);
        }
        catch (Exception e) when (e is PingException or InvalidOperationException or ObjectDisposedException)
        {
            // It is lost, as on a network.
        }
    }

    private static IcmpReport? Report(PingReply reply) => reply.Status switch
    {
        IPStatus.TtlExpired => IcmpReport.HopsExceeded(reply.Address),
        IPStatus.DestinationNetworkUnreachable => IcmpReport.NoRoute(reply.Address),
        IPStatus.DestinationHostUnreachable => IcmpReport.NoHost(reply.Address),
        IPStatus.DestinationProhibited => IcmpReport.Denied(reply.Address),
        IPStatus.PacketTooBig => IcmpReport.TooLarge(reply.Address, 0),
        _ => null,
    };
}
