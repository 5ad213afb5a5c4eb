using System.Diagnostics.Metrics;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>What goes wrong with packets without ending anything: counted, published as metrics, and told to the log at most once a period. All counts only grow.</summary>
[SupportedOSPlatform("windows")]
internal sealed class WinDivertHealth : IDisposable
{
    public const string MeterName = "FwRedirect.Redirector";

    /// <summary>A fault that comes with every packet must not fill the log.</summary>
    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(10);

    private readonly Meter _meter = new(MeterName);
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TimeSpan _queueTime;
    private long _unsent;
    private long _tooLong;
    private long _unreadable;
    private long _lastLateLog;
    private long _lastUnsentLog;
    private int _lastSendError;

    public WinDivertHealth(WinDivertOptions options, TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        _queueTime = options.QueueTime;
        Ages = new PacketAges(time);
        _meter.CreateObservableGauge("fwredirect.diversion.packet_age.max", () => Ages.Max.TotalSeconds, "s", "Longest wait of a packet for the service, last 10 to 20 s");
        _meter.CreateObservableGauge("fwredirect.diversion.packet_age.p99", () => Ages.Percentile99.TotalSeconds, "s", "99 of 100 packets waited no longer, last 10 s");
        _meter.CreateObservableCounter("fwredirect.diversion.unsent", () => Unsent, "{packet}", "Packets in calls that the driver did not take");
        _meter.CreateObservableCounter("fwredirect.diversion.lost", () => TooLong, "{packet}", "Packets too long for the buffer");
    }

    public PacketAges Ages { get; }

    /// <summary>Packets in sends that the driver refused.</summary>
    public long Unsent => Interlocked.Read(ref _unsent);

    /// <summary>The error code of the last of them; 0 for none.</summary>
    public int LastSendError => Volatile.Read(ref _lastSendError);

    /// <summary>Packets lost because they did not fit a whole buffer.</summary>
    public long TooLong => Interlocked.Read(ref _tooLong);

    /// <summary>Batches with a packet whose length could not be read; it and the rest of the batch went on as they came.</summary>
    public long Unreadable => Interlocked.Read(ref _unreadable);

    /// <summary>Notes a packet's wait, and warns where it comes near the time at which the driver drops packets.</summary>
    public void Received(long timestamp, long now)
    {
        var age = Ages.Note(timestamp, now);
        if (age > _queueTime / 4 && MayLog(ref _lastLateLog))
            WinDivertLog.Late(_logger, age.TotalMilliseconds, _queueTime.TotalMilliseconds);
    }

    public void NotSent(int error, int packets)
    {
        Interlocked.Add(ref _unsent, packets);
        Volatile.Write(ref _lastSendError, error);
        if (MayLog(ref _lastUnsentLog))
            WinDivertLog.NotSent(_logger, Unsent, WinDivertErrors.Text(error));
    }

    public void PacketTooLong() => Interlocked.Increment(ref _tooLong);

    public void UnreadableLength() => Interlocked.Increment(ref _unreadable);

    public void Dispose() => _meter.Dispose();

    private bool MayLog(ref long last)
    {
        var now = _time.GetTimestamp();
        var before = Interlocked.Read(ref last);
        return (before == 0 || _time.GetElapsedTime(before, now) >= LogPeriod) && Interlocked.CompareExchange(ref last, now, before) == before;
    }
}
