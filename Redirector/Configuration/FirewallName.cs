using System.Globalization;
using System.Net;

namespace FwRedirect.Redirector.Configuration;

/// <summary>A firewall as the configuration names it.</summary>
/// <param name="Host">Name or address; an address of IPv6 without brackets.</param>
/// <param name="Port">Of its control channel.</param>
internal sealed record FirewallName(string Host, int Port)
{
    private const int DefaultControlPort = 1745;

    /// <summary>The service principal that it has to prove to be, where nothing else is said: a name that the administrator wrote is to be proved; by an address nobody has a principal.</summary>
    public string? DefaultPrincipal => Uri.CheckHostName(Host) == UriHostNameType.Dns ? $"HOST/{Host}" : null;

    /// <summary>"name", "name:port", "192.168.0.1:1745", "2001:db8::1" or "[2001:db8::1]:1745". Not an address that means nothing without its link: other machines of ours could not share the file.</summary>
    public static bool TryParse(string text, out FirewallName value)
    {
        var bracket = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) : -1;
        var isBareIPv6 = bracket < 0 && text.AsSpan().Count(':') > 1;
        var colon = isBareIPv6 ? -1 : text.IndexOf(':', bracket + 1);
        var host = bracket > 0 ? text[1..bracket] : colon < 0 ? text : text[..colon];
        var port = DefaultControlPort;
        var portIsRight = colon < 0
            ? bracket < 0 || bracket == text.Length - 1
            : (bracket < 0 || colon == bracket + 1) && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;
        value = new FirewallName(host, port);
        return portIsRight && Uri.CheckHostName(host) switch
        {
            UriHostNameType.Dns or UriHostNameType.IPv4 => bracket < 0,
            UriHostNameType.IPv6 => IPAddress.Parse(host) is { IsIPv6LinkLocal: false, IsIPv6Multicast: false, IsIPv4MappedToIPv6: false },
            _ => false,
        };
    }

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
