using System.Buffers;
using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.FirewallHost.Filters.Ftp;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Relay;

/// <summary>The half of an FTP control connection in which the client computer speaks, through the filter: its program may be a client or a server.</summary>
internal sealed partial class FtpCommandDirection(
    Socket source, Socket target, FtpControlFilter filter, IOutsideEndpoints endpoints, ILogger logger, CancellationToken stop) : ControlDirection(source, target)
{
    private readonly ArrayBufferWriter<byte> _output = new();

    protected override async ValueTask PassAsync(ReadOnlyMemory<byte> input)
    {
        while (true)
        {
            input = input[filter.Take(input.Span, _output)..];
            // What stands before a held command does not wait for it.
            await SendOutputAsync();
            if (filter.Held is not { } client)
                return;
            var outside = await endpoints.FindListeningAsync(client, stop);
            Log(client, outside);
            filter.Release(outside, _output);
        }
    }

    protected override ValueTask FinishAsync()
    {
        filter.Finish(_output);
        return SendOutputAsync();
    }

    private async ValueTask SendOutputAsync()
    {
        if (_output.WrittenCount == 0)
            return;
        await SendAsync(_output.WrittenMemory);
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
