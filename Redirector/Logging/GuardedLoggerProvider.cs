using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Logging;

/// <summary>
/// Another provider that may fail at any call, as the event log does when its service is down or full. A failure is told once, what was to be logged is lost
/// here (the file has it), and the provider is left alone for a while.
/// </summary>
[ProviderAlias("EventLog")]
internal sealed class GuardedLoggerProvider(ILoggerProvider inner, Action<Exception> failed, TimeProvider time) : ILoggerProvider
{
    /// <summary>A call to a log that is down can take seconds; one in a while is borne.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    private long? _failedAt;

    public ILogger CreateLogger(string categoryName) => new GuardedLogger(inner.CreateLogger(categoryName), this);

    public void Dispose() => Guard(inner.Dispose);

    public void Guard(Action call)
    {
        if (_failedAt is { } before && time.GetElapsedTime(before) < Rest)
            return;
        try
        {
            call();
        }
        catch (Exception failure)
        {
            var first = _failedAt is null;
            _failedAt = time.GetTimestamp();
            if (first)
                failed(failure);
        }
    }
}
