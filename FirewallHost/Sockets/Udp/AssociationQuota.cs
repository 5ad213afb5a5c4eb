using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Sockets.Udp;

/// <summary>The UDP sockets of each client, over all its sessions: one too many costs the one that was not used for longest its place.</summary>
internal sealed class AssociationQuota(int most = Limits.UdpSocketsPerClient)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<LimitedClient, HashSet<UdpAssociation>> _clients = [];

    public void Add(UdpAssociation association)
    {
        UdpAssociation? oldest = null;
        lock (_lock)
        {
            foreach (var client in LimitedClient.Of(association.Client.Address))
            {
                if (!_clients.TryGetValue(client, out var all))
                    _clients.Add(client, all = []);
                if (all.Count >= most * client.Times)
                    oldest ??= all.MinBy(one => one.LastUsed);
                all.Add(association);
            }
        }

        // Elsewhere: it may be another session's, whose locks must not be taken under this one's.
        if (oldest is not null)
            ThreadPool.UnsafeQueueUserWorkItem(static one => one.Owner.Evict(one), oldest, preferLocal: false);
    }

    public void Remove(UdpAssociation association)
    {
        lock (_lock)
        {
            foreach (var client in LimitedClient.Of(association.Client.Address))
            {
                if (_clients.TryGetValue(client, out var all) && all.Remove(association) && all.Count == 0)
                    _clients.Remove(client);
            }
        }
    }
}
