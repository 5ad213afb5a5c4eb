namespace FwRedirect.Redirector.Journeys;

/// <summary>What becomes of a flow that no firewall can be had for; how its program is told is its protocol's own affair.</summary>
internal enum WithoutFirewall
{
    /// <summary>It goes its own way.</summary>
    Direct,

    /// <summary>Refused, so that its program goes on with IPv4 at once.</summary>
    NoIPv6,

    /// <summary>A firewall answered, and said no.</summary>
    Prohibited,

    /// <summary>None is there.</summary>
    Unreachable,
}
