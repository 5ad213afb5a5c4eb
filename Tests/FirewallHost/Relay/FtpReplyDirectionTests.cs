using FwRedirect.FirewallHost.Filters.Ftp;
using FwRedirect.FirewallHost.Relay;

namespace FwRedirect.Tests.FirewallHost.Relay;

[TestClass]
public sealed class FtpReplyDirectionTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_reply_goes_on_when_what_came_before_it_has_arrived()
    {
        using var server = await SocketPair.ConnectAsync();
        using var client = await SocketPair.ConnectAsync();
        var arrivals = new Arrivals();
        var direction = new FtpReplyDirection(server.Near, client.Near, arrivals, TestContext.CancellationToken);
        var running = direction.RunAsync(static () => { });
        await server.Far.SendAsync("226 done\r\n"u8.ToArray(), TestContext.CancellationToken);
        await arrivals.Asked.Task.WaitAsync(TestContext.CancellationToken);
        Assert.AreEqual(0, client.Far.Available);

        arrivals.Settled.SetResult();
        server.Far.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Assert.AreSequenceEqual("226 done\r\n"u8.ToArray(), await SocketPair.ReadToEndAsync(client.Far));
        Assert.AreEqual(DirectionEnd.Finished, await running);
        Assert.AreEqual(10, direction.Bytes);
    }

    private sealed class Arrivals : IOutsideArrivals
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Settled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask SettledAsync(CancellationToken stop)
        {
            Asked.TrySetResult();
            await Settled.Task.WaitAsync(stop);
        }
    }
}
