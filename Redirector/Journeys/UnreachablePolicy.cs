using FwRedirect.Redirector.Configuration;

namespace FwRedirect.Redirector.Journeys;

/// <summary>WhenFirewallUnreachable and WhenFirewallHasNoIPv6, as it can be carried out now.</summary>
internal sealed class UnreachablePolicy(UnreachableTreatment treatment, Func<bool> hasDefaultRoute)
{
    /// <summary>True where IPv6 that can not be redirected goes its own way. There is one, or there were no packet to decide on.</summary>
    public bool IPv6GoesDirect { get; init; }

    /// <summary>
    /// True where what can not be redirected goes its own way. On a machine whose only default route is our fallback there is no such way: there the program is
    /// told "network unreachable" at once, as without us, and does not wait for an answer from nowhere.
    /// </summary>
    public bool GoesDirect => treatment == UnreachableTreatment.Direct && hasDefaultRoute();
}
