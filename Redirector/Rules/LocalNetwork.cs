using System.Net;

namespace FwRedirect.Redirector.Rules;

/// <summary>A network that is reached without the firewall.</summary>
/// <param name="Source">Where it is from, for the log: "route", "interface eth0", "LocalAddresses".</param>
internal sealed record LocalNetwork(IPNetwork Network, string Source);
