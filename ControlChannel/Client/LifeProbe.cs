using System.Buffers;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Client;

/// <summary>
/// Whether a firewall lives, which a connection does not tell: a process that hangs has its system take them. A set-up request of version 0, which is none, is answered at once by
/// whoever speaks RWS (10092), and begins no session.
/// </summary>
public static class LifeProbe
{
    private const ushort NoVersion = 0;

    /// <summary>True when a firewall has answered on <paramref name="transport"/>; false where what came is no packet of a firewall, or the connection ended. It waits until cancelled.</summary>
    public static async Task<bool> AskAsync(Stream transport, string application, ClientInfo client, CancellationToken cancellationToken)
    {
        var request = new ArrayBufferWriter<byte>();
        RwsPacket.Write(new ChannelSetupRequest(ChannelSetupRequest.IsaServerCompatible, NoVersion, client) { Application = application }, request);
        try
        {
            await transport.WriteAsync(request.WrittenMemory, cancellationToken);
            var head = new byte[RwsHeader.Size];
            await transport.ReadExactlyAsync(head, cancellationToken);
            return RwsHeader.Read(head).Flags.HasFlag(PacketFlags.FromFirewall);
        }
        catch (Exception failure) when (failure is IOException or RwsFormatException)
        {
            return false;
        }
    }
}
