using System.Buffers;
using System.Net.Sockets;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Relay;

/// <summary>
/// Moves bytes one way. While nothing comes, a zero-byte receive waits and no buffer is held. When something has come, one pooled buffer goes back and forth with
/// non-blocking calls for as long as there is more: a task switch per wait, not per chunk.
/// </summary>
internal sealed class RelayDirection(Socket source, Socket target) : IRelayDirection
{
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
                var buffer = ArrayPool<byte>.Shared.Rent(Limits.RelayBuffer);
                try
                {
                    for (var turn = 0; turn < Limits.RelayTurn;)
                    {
                        atSource = true;
                        var isUrgent = _urgent.IsNext;
                        var count = source.Receive(isUrgent ? buffer.AsSpan(0, 1) : buffer, SocketFlags.None, out var error);
                        if (error == SocketError.WouldBlock)
                            break;
                        if (error != SocketError.Success)
                            return new DirectionEnd(error, AtSource: true);
                        if (count == 0)
                        {
                            atSource = false;
                            atFin();
                            target.Shutdown(SocketShutdown.Send);
                            return DirectionEnd.Finished;
                        }

                        atSource = false;
                        var flags = isUrgent ? SocketFlags.OutOfBand : SocketFlags.None;
                        var sent = target.Send(buffer.AsSpan(0, count), flags, out error);
                        if (error is not (SocketError.Success or SocketError.WouldBlock))
                            return new DirectionEnd(error, AtSource: false);
                        if (error == SocketError.WouldBlock)
                            sent = 0;
                        Interlocked.Add(ref _bytes, sent);
                        if (sent < count)
                        {
                            await target.SendAsync(buffer.AsMemory(sent, count - sent), flags);
                            Interlocked.Add(ref _bytes, count - sent);
                        }

                        turn += count;
                        // A short read has emptied the queue: the next call would only say so.
                        if (count < buffer.Length / 2 && !isUrgent)
                            break;
                    }
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
        catch (ObjectDisposedException)
        {
            return new DirectionEnd(SocketError.OperationAborted, atSource);
        }
    }
}
