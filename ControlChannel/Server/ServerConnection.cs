using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;

namespace FwRedirect.ControlChannel.Server;

/// <summary>One connection to the control port. It carries the session that it began, or from a resume on another one.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Close may come from anybody at any time, also when it is over; what was cancelled holds nothing.")]
internal sealed class ServerConnection(IDuplexPipe transport, RwsServerChannel first)
{
    private readonly CancellationTokenSource _stopReading = new();
    private readonly CancellationTokenSource _stopWriting = new();
    private readonly MessageWriter _writer = new(transport.Output);
    private SessionEnd? _end;

    /// <summary>Whose messages come here; set by the reading side alone.</summary>
    public RwsServerChannel Channel { get; set; } = first;

    /// <summary>False where the peer has not read for too long.</summary>
    public bool TryWrite(RwsMessage message) => _writer.TryWrite(message);

    /// <summary>Reads and writes until the connection is over; returns why.</summary>
    public async Task<SessionEnd> RunAsync()
    {
        var writing = WriteAsync();
        try
        {
            if (await MessageReader.RunAsync(transport.Input, message => Channel.TakeAsync(this, message), _stopReading.Token) is { } end)
                Break(end);
        }
        catch (OperationCanceledException)
        {
            // Close stopped the reading; who called it has said why.
        }

        await writing;
        return _end!;
    }

    /// <summary>What is queued still leaves, for a while; nothing more is read.</summary>
    public void Close(SessionEnd end)
    {
        Interlocked.CompareExchange(ref _end, end, null);
        _writer.Complete();
        _stopReading.CancelAfter(TimeSpan.Zero);
        _stopWriting.CancelAfter(MessageWriter.Linger);
    }

    private async Task WriteAsync()
    {
        if (await _writer.RunAsync(_stopWriting.Token) is { } end)
            Break(end);
    }

    private void Break(SessionEnd end)
    {
        Interlocked.CompareExchange(ref _end, end, null);
        Channel.Break(this, end);
    }
}
