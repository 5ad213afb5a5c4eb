using System.Net.Sockets;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Firewall;

namespace FwRedirect.Redirector.Journeys;

/// <summary>WhenFirewallUnreachable and WhenFirewallHasNoIPv6, as it can be carried out now.</summary>
internal sealed class UnreachablePolicy(UnreachableTreatment treatment, Func<AddressFamily, bool> hasDefaultRoute)
{
    /// <summary>True where IPv6 that can not be redirected goes its own way. There is one, or there were no packet to decide on.</summary>
    public bool IPv6GoesDirect { get; init; }

    /// <summary>Both this machine and a firewall have IPv6, as far as is known now.</summary>
    public Func<bool> IsIPv6Redirected { get; init; } = () => false;

    /// <summary>A program may be told addresses of IPv6: they can be reached, by the firewall or by the program's own way.</summary>
    public bool AnswersIPv6 => IPv6GoesDirect || IsIPv6Redirected();

    /// <summary>What becomes of a flow of this IP version.</summary>
    public WithoutFirewall For(ChannelUnavailableException unavailable, AddressFamily family)
    {
        if (unavailable.Lacks is not null && family == AddressFamily.InterNetworkV6)
            return IPv6GoesDirect ? WithoutFirewall.Direct : WithoutFirewall.NoIPv6;
        return unavailable.IsUnreachable ? WhenUnreachable(family) : WithoutFirewall.Prohibited;
    }

    /// <summary>The same where the firewall is known to be gone.</summary>
    public WithoutFirewall WhenUnreachable(AddressFamily family) => GoesDirect(family) ? WithoutFirewall.Direct : WithoutFirewall.Unreachable;

    /// <summary>
    /// True where what can not be redirected goes its own way. On a machine whose only default route is our fallback there is no such way: there the program is
    /// told "network unreachable" at once, as without us, and does not wait for an answer from nowhere.
    /// </summary>
    public bool GoesDirect(AddressFamily family = AddressFamily.InterNetwork) => treatment == UnreachableTreatment.Direct && hasDefaultRoute(family);
}
