using System.Net;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.FirewallHost.Names;

/// <summary>What a look-up found: a host entry, or an error with a sentence.</summary>
internal sealed record NameAnswer(
    string CanonicalName, IReadOnlyList<string> Aliases, IReadOnlyList<IPAddress> Addresses, TimeSpan TimeToLive, WinsockError Error, string Sentence)
{
    public static NameAnswer Failed(WinsockError error, string sentence) => new("", [], [], TimeSpan.Zero, error, sentence);
}
