using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.Json;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.Rules;

/// <summary>
/// A default route for a machine that has none of an IP version: without one a connect fails with ENETUNREACH before there is any packet to divert. It leads to lo, so that
/// nothing undiverted reaches the wire, and its metric is the largest that no real route has: one that appears later wins by itself.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class FallbackRoute : IDisposable
{
    /// <summary>0xFF00_2000: high, and odd enough to know our own route by.</summary>
    private const string Metric = "4278198272";

    private readonly string _version;
    private bool _installed;

    private FallbackRoute(string version, bool installed) => (_version, _installed) = (version, installed);

    /// <summary>False where the machine has a default route of its own.</summary>
    public bool Installed => _installed;

    /// <summary>Adds the route of the firewall's IP version if there is no default route of it; its source and MTU are those of the way to <paramref name="firewall"/>.</summary>
    /// <exception cref="IOException">There is no way to the firewall.</exception>
    public static FallbackRoute Install(IPAddress firewall)
    {
        var version = firewall.AddressFamily == AddressFamily.InterNetworkV6 ? "-6" : "-4";
        var routes = SystemProgram.Run("ip", [version, "route", "show", "default"]).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        // Ours alone stays as it is, without a moment between: the kernel takes it away with the address that is its source.
        if (routes.Length == 1 && routes[0].Contains($"metric {Metric}", StringComparison.Ordinal)) return new FallbackRoute(version, installed: true);
        Remove(version);
        if (routes.Any(route => !route.Contains($"metric {Metric}", StringComparison.Ordinal))) return new FallbackRoute(version, installed: false);
        using var route = JsonDocument.Parse(SystemProgram.Run("ip", [version, "-j", "route", "get", firewall.ToString()]));
        var way = route.RootElement[0];
        var device = way.GetProperty("dev").GetString()!;
        var source = way.GetProperty("prefsrc").GetString()!;
        using var link = JsonDocument.Parse(SystemProgram.Run("ip", ["-j", "link", "show", "dev", device]));
        // lo has an MTU of 65,536: TCP would announce an MSS to match, and the firewall's side would meet it only by its own smaller MTU.
        var mtu = link.RootElement[0].GetProperty("mtu").GetInt32().ToString(CultureInfo.InvariantCulture);
        SystemProgram.Run("ip", [version, "route", "add", "default", "dev", "lo", "src", source, "metric", Metric, "mtu", mtu]);
        return new FallbackRoute(version, installed: true);
    }

    /// <summary>Removes our routes of both IP versions, and no other, where they are there.</summary>
    public static void Remove()
    {
        Remove("-4");
        if (IPv6Stack.Exists()) Remove("-6");
    }

    private static void Remove(string version)
    {
        var ours = SystemProgram.Run("ip", [version, "route", "show", "default", "metric", Metric]);
        if (ours.Trim().Length > 0) SystemProgram.Run("ip", [version, "route", "del", "default", "metric", Metric]);
    }

    public void Dispose()
    {
        if (!_installed) return;
        _installed = false;
        Remove(_version);
    }
}
