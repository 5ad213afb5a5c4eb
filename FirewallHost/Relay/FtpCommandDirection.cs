using System.Buffers;
using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.FirewallHost.Filters.Ftp;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Relay;

/// <summary>The client's half of an FTP control connection, through the filter. Commands are few: no fast path here.</summary>
internal sealed partial class FtpCommandDirection(
    Socket source, Socket target, FtpControlFilter filter, IOutsideEndpoints endpoints, ILogger logger, CancellationToken stop) : IRelayDirection
{
    private const int BufferSize = 4096;

    private readonly ArrayBufferWriter<byte> _output = new();
    private long _bytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    public async Task<DirectionEnd> RunAsync()
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
                    var count = await source.ReceiveAsync(buffer, SocketFlags.None);
                    atSource = false;
                    if (count == 0)
                    {
                        filter.Finish(_output);
                        await SendAsync();
                        target.Shutdown(SocketShutdown.Send);
                        return DirectionEnd.Finished;
                    }

                    await FilterAsync(buffer.AsMemory(0, count));
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

    private async Task FilterAsync(ReadOnlyMemory<byte> input)
    {
        while (true)
        {
            input = input[filter.Take(input.Span, _output)..];
            // What stands before a held command does not wait for it.
            await SendAsync();
            if (filter.Held is not { } client)
                return;
            var outside = await endpoints.FindListeningAsync(client, stop);
            Log(client, outside);
            filter.Release(outside, _output);
        }
    }

    private async ValueTask SendAsync()
    {
        if (_output.WrittenCount == 0)
            return;
        await target.SendAsync(_output.WrittenMemory, SocketFlags.None);
        Interlocked.Add(ref _bytes, _output.WrittenCount);
        _output.ResetWrittenCount();
    }

    private void Log(IPEndPoint client, IPEndPoint? outside)
    {
        if (outside is null)
            LogNoBinding(client.Slash());
        else
            LogRewritten(client.Slash(), outside.Slash());
    }

    [LoggerMessage(400, LogLevel.Debug, "FTP: {Client} is {Outside} outside")]
    private partial void LogRewritten(string client, string outside);

    [LoggerMessage(401, LogLevel.Warning, "FTP: no binding of the session listens for {Client}; the command passes unchanged")]
    private partial void LogNoBinding(string client);
}
