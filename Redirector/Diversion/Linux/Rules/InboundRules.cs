using System.Globalization;
using System.Net;
using System.Runtime.Versioning;
using System.Text;

namespace FwRedirect.Redirector.Diversion.Linux.Rules;

/// <summary>The chain of mangle INPUT, of either IP version: what comes from a firewall, and ICMP errors.</summary>
/// <param name="neverDatagrams">UDP ports of the sender that are left alone.</param>
/// <param name="errors">Matches of errors that may quote a rewritten packet.</param>
/// <param name="tooLarge">The match of the one among them that the own kernel may send too.</param>
[SupportedOSPlatform("linux")]
internal sealed class InboundRules(string neverDatagrams, IReadOnlyList<string> errors, string tooLarge)
{
    public void Append(StringBuilder text, string seen, DiversionRuleOptions options, IEnumerable<IPAddress> firewalls)
    {
        var queue = DiversionRules.Queue(options.Queues.InboundQueue);
        text.Append("*mangle\n:FWREDIRECT-INPUT - [0:0]\n-A FWREDIRECT-INPUT ").Append(seen).Append(" -j RETURN\n");
        foreach (var firewall in firewalls)
        {
            text.Append(CultureInfo.InvariantCulture, $"-A FWREDIRECT-INPUT -p tcp -s {firewall} ! --sport {options.ControlPort} -j {queue}\n");
            text.Append(CultureInfo.InvariantCulture, $"-A FWREDIRECT-INPUT -p udp -s {firewall} -m multiport ! --sports {neverDatagrams} -j {queue}\n");
        }

        // From any router on the way. Not the kernel's own over lo: it makes those of packets as the program knows them.
        foreach (var error in errors)
            text.Append(CultureInfo.InvariantCulture, $"-A FWREDIRECT-INPUT ! -i lo {error} -j {queue}\n");
        // But for one: where the way to the firewall is narrower than that to the peer seemed, the kernel finds it out by the rewritten packet.
        text.Append(CultureInfo.InvariantCulture, $"-A FWREDIRECT-INPUT -i lo {tooLarge} -j {queue}\n");
        text.Append("-I INPUT 1 -j FWREDIRECT-INPUT\nCOMMIT\n");
    }
}
