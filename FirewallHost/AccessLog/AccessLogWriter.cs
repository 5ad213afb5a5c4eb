using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using FwRedirect.ControlChannel.Status;
using FwRedirect.FirewallHost.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.AccessLog;

/// <summary>Appends lines to the access log from a task of its own: connections never wait for the disk.</summary>
internal sealed partial class AccessLogWriter : IAsyncDisposable, ICounted
{
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(new BoundedChannelOptions(Limits.AccessLogBacklog) { SingleReader = true });
    private readonly Task _writing = Task.CompletedTask;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, long> _actions = new();
    private readonly ConcurrentDictionary<string, long> _denials = new();
    private long _dropped;

    /// <param name="path">Null: no access log is kept.</param>
    /// <exception cref="IOException">The file can not be opened; so can <see cref="UnauthorizedAccessException"/>.</exception>
    public AccessLogWriter(string? path, TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        if (path is null)
        {
            _lines.Writer.Complete();
            return;
        }

        // Readers and log rotation may have it open too.
        var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        _writing = WriteAsync(new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)));
    }

    /// <summary>Lines that the disk was too slow for.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Count(StatusCounters counters)
    {
        foreach (var (action, count) in _actions.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            counters.Add("connections", $"ever{action}", count);
        foreach (var (rule, count) in _denials.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            counters.Add("deniedByRule", rule.Length == 0 ? "-" : rule, count);
        counters.Add("accessLog", "everDropped", Dropped);
    }

    public void Write(AccessEntry entry)
    {
        _actions.AddOrUpdate(entry.Action, 1, (_, count) => count + 1);
        if (entry.Action == "Denied")
            _denials.AddOrUpdate(entry.Rule, 1, (_, count) => count + 1);
        if (!_lines.Writer.TryWrite(AccessLogFormat.Line(entry, _time.GetUtcNow())))
            Interlocked.Increment(ref _dropped);
    }

    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing;
        if (Dropped > 0 && !_writing.IsFaulted)
            LogDropped(Dropped);
    }

    private async Task WriteAsync(StreamWriter output)
    {
        try
        {
            await using (output)
            {
                await output.WriteAsync(AccessLogFormat.Header(_time.GetUtcNow()));
                while (await _lines.Reader.WaitToReadAsync())
                {
                    while (_lines.Reader.TryRead(out var line))
                        await output.WriteAsync(line);
                    await output.FlushAsync();
                }
            }
        }
        catch (IOException e)
        {
            // A full disk must not end connections; the lines are counted as dropped from here on.
            _lines.Writer.TryComplete();
            LogFailed(e.Message);
        }
    }

    [LoggerMessage(600, LogLevel.Error, "The access log can not be written: {Error}")]
    private partial void LogFailed(string error);

    [LoggerMessage(601, LogLevel.Warning, "{Count} lines of the access log were dropped")]
    private partial void LogDropped(long count);
}
