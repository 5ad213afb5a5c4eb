using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Logging;

/// <summary>Logs into a file, a line each; of the provider's life is the file's.</summary>
[ProviderAlias("File")]
internal sealed class FileLoggerProvider(RolledFile file, TimeProvider time) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new FileLogger(file, categoryName, time);

    public void Dispose() => file.Dispose();
}
