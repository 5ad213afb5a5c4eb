using System.Net;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Status;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Sockets.Echo;

/// <summary>
/// How much each client may ping: so many packets a second, with a burst, all its sessions together; one that is cut into fragments counts for each. Nobody can flood
/// the outside, or the other clients' control channels, through here. Thread-safe.
/// </summary>
internal sealed class EchoQuota(TimeProvider time) : ICounted
{
    /// <summary>An Ethernet frame's worth.</summary>
    private const int Packet = 1480;

    /// <summary>Clients that have not pinged for a while are forgotten beyond so many.</summary>
    private const int Kept = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<LimitedClient, Bucket> _buckets = [];
    private long _dropped;

    /// <summary>Requests that were dropped here.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Count(StatusCounters counters) => counters.Add("ping", "everOverQuota", Dropped);

    public bool TryTake(IPAddress client, int bytes)
    {
        var cost = 1 + (bytes / Packet);
        var now = time.Milliseconds();
        lock (_lock)
        {
            if (_buckets.Count >= Kept)
                Forget(now);
            var all = LimitedClient.Of(client);
            var isEnough = true;
            foreach (var one in all)
            {
                var bucket = _buckets.TryGetValue(one, out var found) ? found.At(now) : new Bucket(one.Times, now);
                _buckets[one] = bucket;
                isEnough &= bucket.Tokens >= cost;
            }

            if (isEnough)
            {
                foreach (var one in all)
                    _buckets[one] = _buckets[one].Less(cost);
                return true;
            }
        }

        Interlocked.Increment(ref _dropped);
        return false;
    }

    private void Forget(long now)
    {
        foreach (var (client, _) in _buckets.Where(b => b.Value.At(now).IsFull).ToArray())
            _buckets.Remove(client);
    }

    /// <param name="times">How many clients' worth it is.</param>
    private readonly struct Bucket(int times, long filled)
    {
        private readonly long _filled = filled;

        public double Tokens { get; private init; } = Limits.EchoBurst * times;

        public bool IsFull => Tokens >= Limits.EchoBurst * times;

        public Bucket At(long now) => new(times, now) { Tokens = Math.Min(Limits.EchoBurst * times, Tokens + ((now - _filled) * times * Limits.EchoesPerSecond / 1000.0)) };

        public Bucket Less(int cost) => new(times, _filled) { Tokens = Tokens - cost };
    }
}
