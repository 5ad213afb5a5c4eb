using FwRedirect.Redirector.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.Redirector.Logging;

[TestClass]
public sealed class GuardedLoggerProviderTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FailingProvider _inner = new();
    private readonly List<string> _told = [];

    [TestMethod]
    public void ALogThatFailsIsToldOnceAndLeftAloneForAWhile()
    {
        using var provider = new GuardedLoggerProvider(_inner, failure => _told.Add(failure.Message), _time);
        var logger = provider.CreateLogger("x");
        Say(logger, "before");
        _inner.Fails = true;
        Say(logger, "lost");
        _inner.Fails = false;
        Say(logger, "in its rest");
        _time.Advance(GuardedLoggerProvider.Rest);
        Say(logger, "after");
        CollectionAssert.AreEqual(new[] { "before", "after" }, _inner.Lines);
        _inner.Fails = true;
        Say(logger, "lost again");
        CollectionAssert.AreEqual(new[] { "RPC server unavailable" }, _told);
    }

    private static void Say(ILogger logger, string line) => logger.Log(LogLevel.Warning, 0, line, null, (state, _) => state);

    private sealed class FailingProvider : ILoggerProvider, ILogger
    {
        public bool Fails { get; set; }

        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (Fails)
                throw new InvalidOperationException("RPC server unavailable");
            Lines.Add(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
