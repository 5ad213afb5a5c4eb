namespace FwRedirect.FirewallHost.Relay;

/// <summary>The relays of one session, so that they end with it.</summary>
internal sealed class SessionRelays
{
    private readonly Lock _lock = new();
    private readonly HashSet<SocketRelay> _relays = [];
    private bool _ended;

    public int Count
    {
        get
        {
            lock (_lock)
                return _relays.Count;
        }
    }

    public async Task<RelayResult> RunAsync(SocketRelay relay)
    {
        lock (_lock)
        {
            if (_ended)
                relay.Abort(RelayEnd.SessionEnded);
            else
                _relays.Add(relay);
        }

        var result = await relay.RunAsync();
        lock (_lock)
            _relays.Remove(relay);
        return result;
    }

    /// <summary>Resets them all, and those that are still to come.</summary>
    public void End()
    {
        SocketRelay[] relays;
        lock (_lock)
        {
            _ended = true;
            relays = [.. _relays];
        }

        foreach (var relay in relays)
            relay.Abort(RelayEnd.SessionEnded);
    }
}
