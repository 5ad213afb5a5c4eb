using System.Net;

namespace FwRedirect.Lab.Load;

/// <param name="Server">An echo server, for TCP and UDP.</param>
/// <param name="Ports">It answers at so many ports, the first is that of <paramref name="Server"/>; connections take them in turn.</param>
/// <param name="Streams">Connections with bytes under way.</param>
/// <param name="Idle">Connections without.</param>
/// <param name="Datagrams">UDP sockets.</param>
/// <param name="Connects">So many at a time make short connections, one after the other.</param>
/// <param name="FirstListener">Echo servers of this process, at the ports from here on.</param>
/// <param name="Listeners">How many of them.</param>
internal sealed record LoadOptions(IPEndPoint Server, int Ports, int Streams, int Idle, int Datagrams, int Connects, int FirstListener, int Listeners)
{
    public IPEndPoint ServerOf(int number) => new(Server.Address, Server.Port + (number % Ports));
}
