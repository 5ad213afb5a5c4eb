using System.Net.Sockets;
using FwRedirect.FirewallHost.Filters.Ftp;

namespace FwRedirect.FirewallHost.Relay;

/// <summary>
/// The server's half of an FTP control connection. Directly, a data connection stands at the client before the server can say 150 or 226 of it; here it still has to be
/// made inside, and a client that is told "226" first gives up (curl does). So replies wait for the connections that came before them.
/// </summary>
internal sealed class FtpReplyDirection(Socket source, Socket target, IOutsideArrivals arrivals, CancellationToken stop) : ControlDirection(source, target)
{
    protected override async ValueTask PassAsync(ReadOnlyMemory<byte> input)
    {
        await arrivals.SettledAsync(stop);
        await SendAsync(input);
    }

    protected override ValueTask FinishAsync() => ValueTask.CompletedTask;
}
