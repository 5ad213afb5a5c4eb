using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Processes.Windows;

/// <summary>
/// A process that has a socket. It is opened once, by the first who asks, and kept open while it lives; some time after its end handle and token are given back,
/// and what is known of it stays for late questions. Thread-safe.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed class ObservedProcess(int id, IWindowsProcesses processes, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private IWindowsProcess? _process;
    private ProcessInfo? _info;
    private long? _exitedAt;

    /// <summary>Last time that an event or a question named it.</summary>
    public long UsedAt { get; set; } = time.GetTimestamp();

    /// <summary>The process is gone and its id may be another's by now.</summary>
    public bool IsReleased { get; private set; }

    /// <summary>It ended so long ago that nobody asks for it any more.</summary>
    public bool IsOver => IsReleased && _exitedAt is { } exited && time.GetElapsedTime(exited) >= ProcessLookupLimits.Linger;

    /// <summary>When it began; null where it could not be opened.</summary>
    public DateTimeOffset? Created { get; private set; }

    public ProcessInfo Info
    {
        get
        {
            lock (_gate)
                return _info ??= Open();
        }
    }

    /// <summary>True where it was another process that used the socket: this one began only afterwards.</summary>
    public bool BeganAfter(long timestamp)
    {
        _ = Info;
        return Created > time.GetUtcNow() - time.GetElapsedTime(timestamp) + ProcessLookupLimits.ClockStep;
    }

    /// <summary>Now and then: gives handle and token back after the end of the process. Does not wait for one that is being opened.</summary>
    public void Sweep()
    {
        if (!_gate.TryEnter())
            return;
        try
        {
            if (IsReleased || _info is null)
                return;
            if (_process is null or { HasExited: true })
                _exitedAt ??= time.GetTimestamp();
            if (_exitedAt is { } exited && time.GetElapsedTime(exited) >= ProcessLookupLimits.TokenKept)
                Release();
        }
        finally
        {
            _gate.Exit();
        }
    }

    public void Dispose()
    {
        lock (_gate)
            Release();
    }

    private ProcessInfo Open()
    {
        try
        {
            if (!IsReleased)
                _process = processes.Open(id);
        }
        catch (SystemException)
        {
            // A call of Windows that failed in an unforeseen way: what this process does not show is not known.
        }

        // A known id still joins a program's listens to its connects.
        if (_process is null)
            return ProcessInfo.Unknown with { Id = id };
        Created = _process.Created;
        return new ProcessInfo(id, NameOf(_process.Path) ?? ProcessInfo.UnknownName, _process.Path, _process.User ?? ProcessInfo.UnknownName, null)
        {
            Identity = _process.Identity,
        };
    }

    private void Release()
    {
        IsReleased = true;
        if (_info is not null)
            _info = _info with { Identity = null };
        _process?.Dispose();
        _process = null;
    }

    /// <summary>By hand: the tests run where a backslash is no separator.</summary>
    private static string? NameOf(string? path) => path?[(path.LastIndexOf('\\') + 1)..];
}
