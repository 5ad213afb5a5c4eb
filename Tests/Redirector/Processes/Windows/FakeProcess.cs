using System.Runtime.Versioning;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Processes.Windows;

namespace FwRedirect.Tests.Redirector.Processes.Windows;

[SupportedOSPlatform("windows")]
internal sealed class FakeProcess : IWindowsProcess
{
    public DateTimeOffset Created { get; init; } = DateTimeOffset.MinValue;

    public string? Path { get; init; }

    public string? User { get; init; }

    public IProcessIdentity? Identity { get; init; }

    public bool HasExited { get; set; }

    public bool IsDisposed { get; private set; }

    public void Dispose() => IsDisposed = true;
}
