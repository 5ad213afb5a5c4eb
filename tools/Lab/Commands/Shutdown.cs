using System.Runtime.InteropServices;

namespace FwRedirect.Lab.Commands;

/// <summary>Ctrl-C, SIGTERM and a closed terminal all cancel one token, and the lab unwinds through its `await using`s.</summary>
internal sealed class Shutdown : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Shutdown() => _registrations =
    [
        .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Cancel)),
    ];

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void Cancel(PosixSignalContext context)
    {
        context.Cancel = true; // the process ends by itself once everything is undone
        _source.Cancel();
    }
}
