using System.IO.Pipelines;
using System.Threading.Channels;
using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.ControlChannel.Session;

/// <summary>The outgoing half of a channel: any thread queues, one task writes, and many messages that wait leave in one segment.</summary>
internal sealed class MessageWriter(PipeWriter output)
{
    /// <summary>Messages that may wait for a peer that does not read: far more than the requests that one session may have outstanding.</summary>
    private const int Waiting = 8192;

    /// <summary>What a finished session may still need to send its last words to a peer that reads slowly.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    private readonly Channel<RwsMessage> _queue = Channel.CreateBounded<RwsMessage>(new BoundedChannelOptions(Waiting) { SingleReader = true });

    /// <summary>False where the peer has not read for so long that the queue is full.</summary>
    public bool TryWrite(RwsMessage message) => _queue.Writer.TryWrite(message);

    /// <summary>What is queued still leaves; then the task of <see cref="RunAsync"/> ends.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    /// <summary>Writes until <see cref="Complete"/> and the end of the queue. Returns why it ended before that; null where it did not.</summary>
    public async Task<SessionEnd?> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _queue.Reader.WaitToReadAsync(cancellationToken))
            {
                while (_queue.Reader.TryRead(out var message))
                    RwsPacket.Write(message, output);
                var flushed = await output.FlushAsync(cancellationToken);
                if (flushed.IsCompleted)
                    break;
            }

            return null;
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException or ObjectDisposedException or OperationCanceledException)
        {
            return new SessionEnd(SessionEndKind.ConnectionLost, $"the control connection broke: {failure.Message}");
        }
    }
}
