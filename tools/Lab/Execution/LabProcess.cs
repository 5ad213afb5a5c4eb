using System.Diagnostics;

namespace FwRedirect.Lab.Execution;

/// <summary>A long-running program of the lab: started, watched by the lines that it prints, stopped by its process id.</summary>
public sealed class LabProcess : IAsyncDisposable
{
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly StreamWriter _log;
    private readonly Task _readers;
    private bool _disposed;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LabProcess(string name, Process process, StreamWriter log)
    {
        Name = name;
        _process = process;
        Id = process.Id;
        _log = log;
        _readers = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public string Name { get; }

    /// <summary>The program's own id: `ip netns exec`, `nsenter` and `setsid` replace themselves by it.</summary>
    public int Id { get; }

    public bool HasExited => _process.HasExited;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate) return [.. _lines];
        }
    }

    /// <summary>In a session of its own, so that Ctrl-C reaches the lab alone, which then stops its programs in order.</summary>
    public static LabProcess Start(string name, LabCommand command, string logFile)
    {
        Process process = command.Under("setsid").Start();
        process.StandardInput.Close();
        return new LabProcess(name, process, new StreamWriter(logFile, append: true) { AutoFlush = true });
    }

    /// <summary>The first line that satisfies the condition, printed before or after this call.</summary>
    /// <exception cref="LabException">The program has ended, or the time is up; the message holds what was printed.</exception>
    public async Task<string> WaitForLineAsync(Func<string, bool> condition, TimeSpan timeout, CancellationToken cancellation = default)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(timeout);
        int seen = 0;
        while (true)
        {
            Task changed;
            bool ended = _readers.IsCompleted;
            lock (_gate)
            {
                for (; seen < _lines.Count; seen++)
                {
                    if (condition(_lines[seen])) return _lines[seen];
                }

                changed = _changed.Task;
            }

            if (ended) throw new LabException($"{Name} has ended before it was ready\n{Log()}");
            try
            {
                await Task.WhenAny(changed, _readers).WaitAsync(bound.Token);
            }
            catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
            {
                throw new LabException($"{Name} did not print what was waited for within {timeout.TotalSeconds:F0} s\n{Log()}", exception);
            }
        }
    }

    public async Task WaitForExitAsync(TimeSpan timeout, CancellationToken cancellation = default)
    {
        await _process.WaitForExitAsync(cancellation).WaitAsync(timeout, cancellation);
        await _readers.WaitAsync(timeout, cancellation);
    }

    public int ExitCode => _process.ExitCode;

    public void Kill() => PosixSignals.Send(Id, PosixSignals.Kill);

    /// <summary>Asks it to end, and kills it when it does not.</summary>
    public async Task StopAsync()
    {
        if (!_process.HasExited) PosixSignals.Send(Id, PosixSignals.Terminate);
        try
        {
            await WaitForExitAsync(GracePeriod);
        }
        catch (TimeoutException)
        {
            Kill();
            await WaitForExitAsync(GracePeriod);
        }
    }

    /// <summary>What it has printed, with its name before each line.</summary>
    public string Log() => string.Join('\n', Lines.Select(line => $"  {Name}: {line}"));

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await StopAsync();
        await _log.DisposeAsync();
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
            Add(line);
    }

    private void Add(string line)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _lines.Add(line);
            _log.WriteLine(line);
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
