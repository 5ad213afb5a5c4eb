using System.Net;
using System.Runtime.Versioning;
using System.Text.Json;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.Rules;

/// <summary>
/// What this machine's own addresses and routes call near: the networks of its interfaces and every route but the default one. Of the network namespace of the
/// calling thread, as it is now.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class LocalNetworks
{
    /// <summary>0.0.0.0/1 and 128.0.0.0/1 are how tunnels cover the default route without replacing it: a default route in two halves.</summary>
    private const int ShortestPrefix = 2;

    /// <summary>IPv4 and IPv6, each network once, in no order.</summary>
    public static IReadOnlyList<IPNetwork> Read()
    {
        var networks = new HashSet<IPNetwork>();
        ReadAddresses(SystemProgram.Run("ip", ["-j", "address", "show"]), networks);
        foreach (var family in new[] { "-4", "-6" }) ReadRoutes(SystemProgram.Run("ip", [family, "-j", "route", "show", "table", "main"]), networks);
        return [.. networks];
    }

    /// <summary>Reads what "ip -j address show" prints.</summary>
    public static void ReadAddresses(string json, ISet<IPNetwork> networks)
    {
        using var document = JsonDocument.Parse(json);
        foreach (var link in document.RootElement.EnumerateArray())
        {
            if (!link.TryGetProperty("addr_info", out var addresses)) continue;
            foreach (var entry in addresses.EnumerateArray())
            {
                if (!entry.TryGetProperty("local", out var local) || !IPAddress.TryParse(local.GetString(), out var address)) continue;
                networks.Add(Containing(address, entry.GetProperty("prefixlen").GetInt32()));
            }
        }
    }

    /// <summary>Reads what "ip -j route show" prints; "default" and routes that lead nowhere are passed over.</summary>
    public static void ReadRoutes(string json, ISet<IPNetwork> networks)
    {
        // ip prints nothing at all, or an empty list, where there is no route; which one depends on its version.
        if (string.IsNullOrWhiteSpace(json)) return;
        using var document = JsonDocument.Parse(json);
        foreach (var route in document.RootElement.EnumerateArray())
        {
            if (route.TryGetProperty("type", out var type) && type.GetString() is not ("unicast" or "local")) continue;
            var text = route.GetProperty("dst").GetString();
            if (IPAddress.TryParse(text, out var host)) networks.Add(Containing(host, host.GetAddressBytes().Length * 8));
            else if (IPNetwork.TryParse(text, out var network) && network.PrefixLength >= ShortestPrefix) networks.Add(network);
        }
    }

    private static IPNetwork Containing(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = prefix; bit < bytes.Length * 8; bit++) bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(bytes), prefix);
    }
}
