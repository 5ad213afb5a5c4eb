using System.Net.Sockets;
using System.Security.Cryptography;
using FwRedirect.FirewallHost.Relay;
using FwRedirect.FirewallHost.Sockets;

namespace FwRedirect.Tests.FirewallHost.Relay;

[TestClass]
public sealed class SocketRelayTests
{
    [TestMethod]
    [Timeout(60_000)]
    public async Task Half_close_stays_a_half_close_and_bytes_are_counted()
    {
        using var inside = await SocketPair.ConnectAsync();
        using var outside = await SocketPair.ConnectAsync();
        var running = new SocketRelay(inside.Near, outside.Near).RunAsync();

        await inside.Far.SendAsync("question"u8.ToArray());
        inside.Far.Shutdown(SocketShutdown.Send);
        Assert.AreSequenceEqual("question"u8.ToArray(), await SocketPair.ReadToEndAsync(outside.Far));
        // The other way is still open.
        await outside.Far.SendAsync("the answer"u8.ToArray());
        outside.Far.Shutdown(SocketShutdown.Send);
        Assert.AreSequenceEqual("the answer"u8.ToArray(), await SocketPair.ReadToEndAsync(inside.Far));

        Assert.AreEqual(new RelayResult(RelayEnd.Completed, RelaySide.Inside, 8, 10), await running);
    }

    [TestMethod]
    [Timeout(60_000)]
    [DataRow(true, DisplayName = "inside resets")]
    [DataRow(false, DisplayName = "outside resets")]
    public async Task Reset_is_a_reset_on_the_other_side(bool insideResets)
    {
        using var inside = await SocketPair.ConnectAsync();
        using var outside = await SocketPair.ConnectAsync();
        var running = new SocketRelay(inside.Near, outside.Near).RunAsync();
        await inside.Far.SendAsync("x"u8.ToArray());
        await outside.Far.ReceiveAsync(new byte[1]);

        (insideResets ? inside : outside).Far.Reset();
        await SocketPair.AssertResetAsync((insideResets ? outside : inside).Far);
        var result = await running;
        Assert.AreEqual(new RelayResult(RelayEnd.Reset, insideResets ? RelaySide.Inside : RelaySide.Outside, 1, 0), result);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Reset_after_the_other_side_s_half_close_is_passed_on()
    {
        using var inside = await SocketPair.ConnectAsync();
        using var outside = await SocketPair.ConnectAsync();
        var running = new SocketRelay(inside.Near, outside.Near).RunAsync();
        outside.Far.Shutdown(SocketShutdown.Send);
        Assert.AreEqual(0, await inside.Far.ReceiveAsync(new byte[1]));
        inside.Far.Reset();
        var result = await running;
        Assert.AreEqual((RelayEnd.Reset, RelaySide.Inside), (result.End, result.EndedBy));
        var e = await Assert.ThrowsExactlyAsync<SocketException>(async () =>
        {
            while (true)
                await outside.Far.SendAsync(new byte[4096]);
        });
        Assert.AreNotEqual(SocketError.Success, e.SocketErrorCode);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Abort_resets_both_sides()
    {
        using var inside = await SocketPair.ConnectAsync();
        using var outside = await SocketPair.ConnectAsync();
        var relay = new SocketRelay(inside.Near, outside.Near);
        var running = relay.RunAsync();
        relay.Abort(RelayEnd.SessionEnded);
        await SocketPair.AssertResetAsync(inside.Far);
        await SocketPair.AssertResetAsync(outside.Far);
        Assert.AreEqual(new RelayResult(RelayEnd.SessionEnded, RelaySide.Firewall, 0, 0), await running);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Hundred_megabytes_both_ways_at_once_arrive_whole()
    {
        const int Size = 100 * 1024 * 1024;
        using var inside = await SocketPair.ConnectAsync();
        using var outside = await SocketPair.ConnectAsync();
        var running = new SocketRelay(inside.Near, outside.Near).RunAsync();
        var sums = await Task.WhenAll(
            SendAsync(inside.Far, 1, Size), ReceiveAsync(outside.Far), SendAsync(outside.Far, 2, Size), ReceiveAsync(inside.Far));
        Assert.AreEqual(sums[0], sums[1]);
        Assert.AreEqual(sums[2], sums[3]);
        var result = await running;
        Assert.AreEqual((RelayEnd.Completed, (long)Size, (long)Size), (result.End, result.BytesOut, result.BytesIn));
    }

    private static Task<string> SendAsync(Socket socket, int seed, int size) => Task.Run(async () =>
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        var random = new Random(seed);
        var buffer = new byte[100_000];
        for (var left = size; left > 0;)
        {
            random.NextBytes(buffer);
            var part = buffer.AsMemory(0, Math.Min(left, buffer.Length));
            hash.AppendData(part.Span);
            for (var rest = part; !rest.IsEmpty;)
                rest = rest[await socket.SendAsync(rest, SocketFlags.None)..];
            left -= part.Length;
        }

        socket.Shutdown(SocketShutdown.Send);
        return Convert.ToHexString(hash.GetHashAndReset());
    });

    private static Task<string> ReceiveAsync(Socket socket) => Task.Run(async () =>
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        var buffer = new byte[100_000];
        while (await socket.ReceiveAsync(buffer, SocketFlags.None) is > 0 and var count)
            hash.AppendData(buffer.AsSpan(0, count));
        return Convert.ToHexString(hash.GetHashAndReset());
    });
}
