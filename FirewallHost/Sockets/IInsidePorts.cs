using System.Net;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>Where clients connect to for their announced connections.</summary>
internal interface IInsidePorts : IDisposable
{
    /// <summary>Makes <paramref name="client"/> awaited at a port of <paramref name="inside"/>.</summary>
    /// <param name="inside">The inside address: the one that the client's control channel reached.</param>
    /// <exception cref="SocketFailure">No port is left.</exception>
    InsideArrival Announce(IPEndPoint client, IPAddress inside);
}
