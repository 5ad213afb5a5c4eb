using System.Collections.Concurrent;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>The firewall's inside endpoints that stand, or stood a while ago, for UDP peers. Asked on the packet path without a lock.</summary>
internal sealed class InsideEndpoints
{
    private readonly ConcurrentDictionary<PacketEndpoint, long> _noted = new();

    public bool Contains(PacketEndpoint endpoint) => _noted.ContainsKey(endpoint);

    public void Note(PacketEndpoint inside, long now) => _noted[inside] = now;

    /// <summary>Those that no flow has begun or ended with for longer than a peer may be idle: nothing comes from them any more.</summary>
    public void Forget(long now)
    {
        foreach (var (inside, at) in _noted)
        {
            if (now - at >= 2 * FlowLimits.DatagramIdle)
                _noted.TryRemove(inside, out _);
        }
    }
}
