using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Status;
using FwRedirect.FirewallHost.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Sockets.Udp;

/// <summary>Counts datagrams that were dropped, and says so once for each reason in <see cref="Limits.DropReport"/>, with the latest as the example. Thread-safe.</summary>
internal sealed partial class DroppedDatagrams(TimeProvider time, ILogger logger) : ICounted
{
    private readonly Tally[] _tallies = [.. Enum.GetValues<DropReason>().Select(_ => new Tally())];

    public long Total(DropReason reason) => Interlocked.Read(ref _tallies[(int)reason].Total);

    public void Count(DropReason reason, SocketAddress from, IPEndPoint at)
    {
        var tally = _tallies[(int)reason];
        var total = Interlocked.Increment(ref tally.Total);
        var now = time.Milliseconds();
        var due = Volatile.Read(ref tally.NextReport);
        if (now < due || Interlocked.CompareExchange(ref tally.NextReport, now + (long)Limits.DropReport.TotalMilliseconds, due) != due)
            return;
        var since = total - Interlocked.Exchange(ref tally.Reported, total);
        LogDropped(since, reason, ((IPEndPoint)at.Create(from)).Slash(), at.Slash());
    }

    public void Count(StatusCounters counters)
    {
        foreach (var reason in Enum.GetValues<DropReason>())
            counters.Add("udp", "everDropped", reason, Total(reason));
    }

    [LoggerMessage(321, LogLevel.Warning, "Datagrams dropped since the last such line: {Count}, {Reason}; the latest from {From} at {At}")]
    private partial void LogDropped(long count, DropReason reason, string from, string at);

    private sealed class Tally
    {
        public long Total;
        public long Reported;
        public long NextReport = long.MinValue;
    }
}
