using System.Net;
using FwRedirect.ControlChannel.Client;

namespace FwRedirect.Redirector.Firewall;

/// <summary>An open control channel of one user's program.</summary>
/// <param name="Rws">The channel itself.</param>
/// <param name="LocalAddress">This machine's address on it: where the firewall reaches the machine's programs.</param>
internal sealed record FirewallChannel(RwsClientChannel Rws, IPAddress LocalAddress)
{
    /// <summary>
    /// The endpoint that the firewall is told for a program's own: on a machine with several addresses (VPN, two networks) the program's socket may have another
    /// one than the way to the firewall leaves by, and the firewall knows this computer by the channel's.
    /// </summary>
    public IPEndPoint SeenAs(IPEndPoint client) =>
        client.AddressFamily == LocalAddress.AddressFamily ? new IPEndPoint(LocalAddress, client.Port) : client;
}
