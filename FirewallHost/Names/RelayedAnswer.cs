using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.FirewallHost.Names;

/// <summary>What became of a query that was asked on: a DNS server's message, with the query's id and question, or an error with a sentence.</summary>
internal sealed record RelayedAnswer(byte[]? Message, WinsockError Error, string Sentence)
{
    public static RelayedAnswer Failed(WinsockError error, string sentence) => new(null, error, sentence);
}
