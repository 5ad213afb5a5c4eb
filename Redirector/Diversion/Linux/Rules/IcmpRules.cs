using System.Globalization;
using System.Net;
using System.Runtime.Versioning;
using System.Text;

namespace FwRedirect.Redirector.Diversion.Linux.Rules;

/// <summary>
/// What of ICMP leaves through us: pings, and errors of this machine about packets of the firewall, which it would send to the peer that it believes in. In a chain
/// of its own, since the others have done with ICMP before they come to local destinations.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class IcmpRules
{
    private const string Chain = DiversionRules.ChainPrefix + "ICMP";

    /// <summary>ICMP types (RFC 792).</summary>
    private const int Unreachable = 3;
    private const int EchoRequest = 8;

    /// <summary>For the raw table.</summary>
    public static void AppendDiverted(StringBuilder text, string seen, DiversionRuleOptions options, string target)
    {
        text.Append($":{Chain} - [0:0]\n");
        foreach (var match in Passed(seen, options.LocalDestinations))
            text.Append($"-A {Chain} {match} -j RETURN\n");
        foreach (var type in (ReadOnlySpan<int>)[Unreachable, EchoRequest])
            text.Append(CultureInfo.InvariantCulture, $"-A {Chain} -p icmp -m icmp --icmp-type {type} -j {target}\n");
        text.Append($"-I OUTPUT 1 -p icmp -j {Chain}\n");
    }

    /// <summary>For the filter table: a ping that we did not see is refused at once.</summary>
    public static void AppendRefused(StringBuilder text, string seen, DiversionRuleOptions options)
    {
        const string Refused = DiversionRules.RefuseChain + "-PING";
        text.Append($":{Refused} - [0:0]\n");
        foreach (var match in Passed(seen, options.LocalDestinations))
            text.Append($"-A {Refused} {match} -j RETURN\n");
        text.Append(CultureInfo.InvariantCulture, $"-A {Refused} -p icmp -m icmp --icmp-type {EchoRequest} -j REJECT --reject-with icmp-net-unreachable\n");
        text.Append($"-I OUTPUT 1 -p icmp -j {Refused}\n");
    }

    private static IEnumerable<string> Passed(string seen, IEnumerable<string> local) =>
    [
        seen, "-m addrtype --dst-type LOCAL", "-m addrtype --dst-type BROADCAST", "-d 224.0.0.0/4", $"-d {IPAddress.Broadcast}",
        .. local.Select(AddressMatch.Destination).OfType<string>(),
    ];
}
