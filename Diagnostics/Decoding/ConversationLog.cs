using System.Net;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>Every pair of ends that talked, once, in the order of appearance, with who opened.</summary>
internal sealed class ConversationLog
{
    /// <summary>Conversations that are kept for the tables. A port scan has 65,535; a table of more serves nobody.</summary>
    private const int Most = 100_000;

    private readonly HashSet<(string Transport, EndpointPair Ends)> _seen = [];
    private readonly List<(string Transport, IPEndPoint Client, IPEndPoint Server)> _all = [];

    public IReadOnlyList<(string Transport, IPEndPoint Client, IPEndPoint Server)> All => _all;

    public void Add(string transport, IPEndPoint client, IPEndPoint server)
    {
        if (_all.Count < Most && _seen.Add((transport, new EndpointPair(client, server))))
            _all.Add((transport, client, server));
    }
}
