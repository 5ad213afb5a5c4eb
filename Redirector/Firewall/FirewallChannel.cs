using System.Net;
using FwRedirect.ControlChannel.Client;

namespace FwRedirect.Redirector.Firewall;

/// <summary>An open control channel of one user's program.</summary>
/// <param name="Rws">The channel itself.</param>
/// <param name="LocalAddress">This machine's address on it: where the firewall reaches the machine's programs.</param>
internal sealed record FirewallChannel(RwsClientChannel Rws, IPAddress LocalAddress);
