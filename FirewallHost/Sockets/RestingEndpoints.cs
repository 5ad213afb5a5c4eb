using System.Net;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>
/// Pairs of client endpoint and inside port whose connection ended within <see cref="Limits.EndpointRest"/>. One of the two stacks may still hold it in TIME_WAIT, and would
/// take late packets of the old connection for the new one's or refuse the new one's first.
/// </summary>
internal sealed class RestingEndpoints(TimeProvider time)
{
    private readonly Dictionary<(IPEndPoint Client, IPEndPoint Inside), DateTimeOffset> _since = [];
    private readonly Queue<((IPEndPoint Client, IPEndPoint Inside) Pair, DateTimeOffset Since)> _order = [];

    public int Count
    {
        get
        {
            Forget(time.GetUtcNow());
            return _since.Count;
        }
    }

    public void Add(IPEndPoint client, IPEndPoint inside)
    {
        var now = time.GetUtcNow();
        Forget(now);
        _since[(client, inside)] = now;
        _order.Enqueue(((client, inside), now));
    }

    /// <summary>When the pair was last used; null where that is long enough ago.</summary>
    public DateTimeOffset? Since(IPEndPoint client, IPEndPoint inside)
    {
        Forget(time.GetUtcNow());
        return _since.TryGetValue((client, inside), out var since) ? since : null;
    }

    private void Forget(DateTimeOffset now)
    {
        while (_order.TryPeek(out var oldest) && (now - oldest.Since >= Limits.EndpointRest || _order.Count > Limits.RestingEndpoints))
        {
            _order.Dequeue();
            // The pair may have been used again since.
            if (_since.TryGetValue(oldest.Pair, out var since) && since == oldest.Since)
                _since.Remove(oldest.Pair);
        }
    }
}
