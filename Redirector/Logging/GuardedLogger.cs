using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Logging;

internal sealed class GuardedLogger(ILogger inner, GuardedLoggerProvider provider) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        provider.Guard(() => inner.Log(logLevel, eventId, state, exception, formatter));
}
