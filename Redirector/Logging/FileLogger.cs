using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Logging;

/// <summary>Writes lines as the console does: time, level, category and event, message.</summary>
internal sealed class FileLogger(RolledFile file, string category, TimeProvider time) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {Word(logLevel)}: {category}[{eventId.Id}] {formatter(state, exception)}";
        file.WriteLine((exception is null ? line : $"{line} {exception}").ReplaceLineEndings(" "));
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}
