using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;

namespace FwRedirect.ControlChannel.Client;

/// <summary>One connection of a client's session.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Close may come from anybody at any time, also when it is over; what was cancelled holds nothing.")]
internal sealed class ClientConnection(Stream transport)
{
    private readonly CancellationTokenSource _stopReading = new();
    private readonly CancellationTokenSource _stopWriting = new();
    private readonly MessageWriter _writer = new(PipeWriter.Create(transport, new StreamPipeWriterOptions(leaveOpen: true)));

    /// <summary>False where the peer has not read for too long.</summary>
    public bool TryWrite(RwsMessage message) => _writer.TryWrite(message);

    /// <summary>Reads and writes until the connection is over, and closes it.</summary>
    public async Task RunAsync(Func<RwsMessage, ValueTask<bool>> take, Action<SessionEnd> broken)
    {
        var writing = WriteAsync(broken);
        var input = PipeReader.Create(transport, new StreamPipeReaderOptions(leaveOpen: true));
        try
        {
            if (await MessageReader.RunAsync(input, take, _stopReading.Token) is { } end)
                broken(end);
        }
        catch (OperationCanceledException)
        {
            // Close stopped the reading; who called it has said why.
        }

        await writing;
        await transport.DisposeAsync();
    }

    /// <summary>What is queued still leaves, for a while; nothing more is read.</summary>
    public void Close()
    {
        _writer.Complete();
        _stopReading.CancelAfter(TimeSpan.Zero);
        _stopWriting.CancelAfter(MessageWriter.Linger);
    }

    private async Task WriteAsync(Action<SessionEnd> broken)
    {
        if (await _writer.RunAsync(_stopWriting.Token) is { } end)
            broken(end);
    }
}
