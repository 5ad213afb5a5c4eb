using FwRedirect.ControlChannel.Settings;
using FwRedirect.Redirector.Configuration;

namespace FwRedirect.Redirector.Rules;

/// <summary>
/// What this machine's file says and what the firewall sets, taken together. Where the firewall lets the client's entries win, its local addresses and domains are added to the file's,
/// and of its application settings those count of which the file says nothing. Where it does not, its own count, and the file's only where it says nothing.
/// </summary>
/// <param name="firewall">The firewall's name, for the why.</param>
internal sealed class MergedSettings(RedirectorOptions options, FirewallSettings settings, string firewall)
{
    /// <summary>Of a firewall that has not been heard yet.</summary>
    public static MergedSettings OfFile(RedirectorOptions options) => new(options, FirewallSettings.None, "");

    public string Version => settings.Version;

    private string Source => SourceOf(firewall);

    /// <summary>How settings of a firewall are named wherever their source is told.</summary>
    public static string SourceOf(string firewall) => $"the firewall {firewall}";

    public IEnumerable<LocalNetwork> LocalAddresses => Merge(
        options.LocalAddresses.Select(n => new LocalNetwork(n, $"LocalAddresses, {options.File}")), settings.LocalAddresses.Select(n => new LocalNetwork(n, $"LocalAddresses, {Source}")));

    public RuleSet Rules => new(
        new LocalDomains(Merge(options.LocalDomains.Select(d => new LocalDomain(d, options.File)), settings.LocalDomains.Select(d => new LocalDomain(d, Source))), options.Firewalls.Select(f => f.Host)),
        settings.ClientEntriesWin ? [options.Applications, settings.Applications] : [settings.Applications, options.Applications],
        options.Rules);

    private IEnumerable<T> Merge<T>(IEnumerable<T> own, IEnumerable<T> theirs) =>
        settings.ClientEntriesWin ? own.Concat(theirs) : theirs.Any() ? theirs : own;
}
