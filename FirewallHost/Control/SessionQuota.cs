using System.Net;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Control;

/// <summary>The control connections of each client. Thread-safe.</summary>
internal sealed class SessionQuota(int most = Limits.SessionsPerClient)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<LimitedClient, int> _counts = [];

    /// <summary>False where the client has as many as it may; else it is to <see cref="Leave"/>.</summary>
    /// <param name="full">Whose limit that is.</param>
    public bool TryEnter(IPAddress client, out LimitedClient full)
    {
        var all = LimitedClient.Of(client);
        lock (_lock)
        {
            foreach (var one in all)
            {
                full = one;
                if (_counts.GetValueOrDefault(one) >= most * one.Times)
                    return false;
            }

            foreach (var one in all)
                _counts[one] = _counts.GetValueOrDefault(one) + 1;
            full = default;
            return true;
        }
    }

    public void Leave(IPAddress client)
    {
        lock (_lock)
        {
            foreach (var one in LimitedClient.Of(client))
            {
                // Removed at zero, so that addresses that came once do not stay for ever.
                if (_counts[one] == 1)
                    _counts.Remove(one);
                else
                    _counts[one]--;
            }
        }
    }
}
