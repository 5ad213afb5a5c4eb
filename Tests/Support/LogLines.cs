using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Tests.Support;

/// <summary>What is logged, for a test that waits for it.</summary>
internal sealed class LogLines : ILogger, ILoggerFactory
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly BlockingCollection<string> _lines = [];

    /// <summary>The next line.</summary>
    public string Next() => _lines.TryTake(out var line, Bound) ? line : throw new AssertFailedException("nothing was logged");

    /// <summary>The next line that has this in it; those before it are passed over.</summary>
    public string Next(string part)
    {
        while (true)
        {
            if (Next() is { } line && line.Contains(part, StringComparison.Ordinal))
                return line;
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add(formatter(state, exception));

    public void Dispose()
    {
        // Written to by services that end after the test: left to the collector.
    }
}
