using System.Net;
using FwRedirect.ControlChannel.Session;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Sockets.Echo;

/// <summary>
/// How much each client address may ping: so many packets a second, with a burst, all its sessions together; one that is cut into fragments counts for each. Nobody can flood
/// the outside, or the other clients' control channels, through here. Thread-safe.
/// </summary>
internal sealed class EchoQuota(TimeProvider time)
{
    /// <summary>An Ethernet frame's worth.</summary>
    private const int Packet = 1480;

    /// <summary>Clients that have not pinged for a while are forgotten beyond so many.</summary>
    private const int Kept = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Bucket> _buckets = [];
    private long _dropped;

    /// <summary>Requests that were dropped here.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public bool TryTake(IPAddress client, int bytes)
    {
        var cost = 1 + (bytes / Packet);
        var now = time.Milliseconds();
        lock (_lock)
        {
            if (_buckets.Count >= Kept)
                Forget(now);
            var bucket = _buckets.TryGetValue(client, out var found) ? found.At(now) : new Bucket(Limits.EchoBurst, now);
            _buckets[client] = bucket.Tokens >= cost ? bucket with { Tokens = bucket.Tokens - cost } : bucket;
            if (bucket.Tokens >= cost)
                return true;
        }

        Interlocked.Increment(ref _dropped);
        return false;
    }

    private void Forget(long now)
    {
        foreach (var (client, _) in _buckets.Where(b => b.Value.At(now).Tokens >= Limits.EchoBurst).ToArray())
            _buckets.Remove(client);
    }

    private readonly record struct Bucket(double Tokens, long Filled)
    {
        public Bucket At(long now) => new(Math.Min(Limits.EchoBurst, Tokens + ((now - Filled) * Limits.EchoesPerSecond / 1000.0)), now);
    }
}
