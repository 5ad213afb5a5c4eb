using System.Net;
using System.Net.Sockets;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>How the article writes an endpoint: address, slash, port.</summary>
public static class Notation
{
    public static string Slash(this IPEndPoint endpoint) => $"{endpoint.Address}/{endpoint.Port}";

    /// <summary>IPv4 or IPv6.</summary>
    internal static string Version(this AddressFamily family) => family == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";

    /// <summary>As <see cref="Slash"/>, and "Dynamic" where the port is left to the firewall's system.</summary>
    public static string SlashOrDynamic(this IPEndPoint endpoint) => endpoint.Port == 0 ? $"{endpoint.Address}/Dynamic" : endpoint.Slash();
}
