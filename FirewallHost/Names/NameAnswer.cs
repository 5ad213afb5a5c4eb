using System.Net;
using FwRedirect.ControlChannel.Names;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.FirewallHost.Names;

/// <summary>What a look-up found: a host entry, or an error with a sentence.</summary>
/// <param name="CanonicalName">Of an address: the first of its names.</param>
/// <param name="Aliases">Of an address: its other names.</param>
internal sealed record NameAnswer(
    string CanonicalName, IReadOnlyList<string> Aliases, IReadOnlyList<IPAddress> Addresses, TimeSpan TimeToLive, WinsockError Error, string Sentence)
{
    /// <summary>Of an error: the zone that says so.</summary>
    public StartOfAuthority? Authority { get; init; }

    public static NameAnswer Failed(WinsockError error, string sentence) => new("", [], [], TimeSpan.Zero, error, sentence);
}
