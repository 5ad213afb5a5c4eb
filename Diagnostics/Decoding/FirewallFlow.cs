using System.Net;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>One redirected connection as the control channel announced it: client/inside is one leg, outside/server the other.</summary>
/// <param name="Incoming">True if the outside connected (New mapping), false for a Connect.</param>
internal sealed record FirewallFlow(IPEndPoint Client, IPEndPoint Inside, IPEndPoint Outside, IPEndPoint Server, bool Incoming);
