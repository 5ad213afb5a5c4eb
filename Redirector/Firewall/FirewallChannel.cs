using System.Net;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.Redirector.Firewall;

/// <summary>An open control channel of one user's program.</summary>
/// <param name="Rws">The channel itself.</param>
/// <param name="LocalAddress">This machine's address on it: where the firewall reaches the machine's programs.</param>
/// <param name="Firewall">Whose it is.</param>
internal sealed record FirewallChannel(RwsClientChannel Rws, IPAddress LocalAddress, KnownFirewall Firewall)
{
    /// <summary>
    /// The endpoint that the firewall is told for a program's own: on a machine with several addresses (VPN, two networks) the program's socket may have another
    /// one than the way to the firewall leaves by, and the firewall knows this computer by the channel's.
    /// </summary>
    public IPEndPoint SeenAs(IPEndPoint client) =>
        client.AddressFamily == LocalAddress.AddressFamily ? new IPEndPoint(LocalAddress, client.Port) : client;

    /// <summary>
    /// A look-up or a connect, for a program that waits: given up as soon as the firewall is known to be away. Its id is this method's from then on. A success that the firewall tells
    /// when it is back is closed, since nobody waits for it any more.
    /// </summary>
    /// <exception cref="ChannelUnavailableException">The firewall is away.</exception>
    public async Task<RwsMessage> RequestAsync(RwsMessage request)
    {
        var reply = Rws.RequestAsync(request);
        try
        {
            return await Firewall.WhileReachableAsync(reply);
        }
        catch (ChannelUnavailableException)
        {
            _ = ReleaseAsync(request.Id, reply);
            throw;
        }
    }

    private async Task ReleaseAsync(ObjectId id, Task<RwsMessage> reply)
    {
        if (await reply is ConnectReply)
            Rws.Notify(new Close("the program was told that the firewall is away", IsFromFirewall: false) { Id = id });
        Rws.Ids.Release(id);
    }
}
