using System.Buffers;
using System.Net.Sockets;

namespace FwRedirect.FirewallHost.Relay;

/// <summary>One direction of a control connection that a filter looks at. Lines are few and short: no fast path here.</summary>
internal abstract class ControlDirection(Socket source, Socket target) : IRelayDirection
{
    private const int BufferSize = 4096;

    private readonly UrgentData _urgent = new(source);
    private long _bytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    public async Task<DirectionEnd> RunAsync(Action atFin)
    {
        var atSource = true;
        try
        {
            while (true)
            {
                atSource = true;
                await source.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
                var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
                try
                {
                    // ABOR comes behind an urgent byte (RFC 959, 4.1.3), which no filter has to do with.
                    var isUrgent = _urgent.IsNext;
                    var count = await source.ReceiveAsync(isUrgent ? buffer.AsMemory(0, 1) : buffer, SocketFlags.None);
                    atSource = false;
                    if (count == 0)
                    {
                        await FinishAsync();
                        atFin();
                        target.Shutdown(SocketShutdown.Send);
                        return DirectionEnd.Finished;
                    }

                    if (isUrgent)
                        await SendUrgentAsync(buffer.AsMemory(0, count));
                    else
                        await PassAsync(buffer.AsMemory(0, count));
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
        catch (SocketException e)
        {
            return new DirectionEnd(e.SocketErrorCode, atSource);
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
            return new DirectionEnd(SocketError.OperationAborted, atSource);
        }
    }

    /// <summary>What came from the source; whatever of it goes on is given to <see cref="SendAsync"/>.</summary>
    protected abstract ValueTask PassAsync(ReadOnlyMemory<byte> input);

    /// <summary>The source has said its last: what is held back goes on now.</summary>
    protected abstract ValueTask FinishAsync();

    private async ValueTask SendUrgentAsync(ReadOnlyMemory<byte> output)
    {
        await target.SendAsync(output, SocketFlags.OutOfBand);
        Interlocked.Add(ref _bytes, output.Length);
    }

    protected async ValueTask SendAsync(ReadOnlyMemory<byte> output)
    {
        await target.SendAsync(output, SocketFlags.None);
        Interlocked.Add(ref _bytes, output.Length);
    }
}
