using System.Net.Sockets;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Control;
using FwRedirect.FirewallHost.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.FirewallHost.Control;

[TestClass]
public sealed class ConnectTurnsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<TaskCompletionSource<Socket>> _underWay = [];

    [TestMethod]
    public async Task OneMoreThanTheLimitWaitsForTheFirstToBeDone()
    {
        var turns = new ConnectTurns(_time);
        var connects = Start(turns, Limits.PendingConnectsPerSession + 1);
        Assert.HasCount(Limits.PendingConnectsPerSession, _underWay);
        _underWay[0].SetException(new SocketFailure(WinsockError.WSAECONNREFUSED, "refused"));
        await Assert.ThrowsExactlyAsync<SocketFailure>(() => connects[0]);
        await WaitForAsync(Limits.PendingConnectsPerSession + 1);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _underWay[^1].SetResult(socket);
        Assert.AreSame(socket, await connects[^1]);
    }

    [TestMethod]
    public async Task WhoseTurnDoesNotComeIsToldSoAndTakesNobodysPlace()
    {
        var turns = new ConnectTurns(_time);
        var connects = Start(turns, Limits.PendingConnectsPerSession + 1);
        _time.Advance(Limits.ConnectTurn);
        Assert.AreEqual(WinsockError.WSAENOBUFS, (await Assert.ThrowsExactlyAsync<SocketFailure>(() => connects[^1])).Error);
        foreach (var connect in _underWay)
            connect.SetException(new SocketFailure(WinsockError.WSAETIMEDOUT, "timed out"));
        foreach (var connect in connects)
            await Assert.ThrowsExactlyAsync<SocketFailure>(() => connect);
        _underWay.Clear();
        Start(turns, Limits.PendingConnectsPerSession);
        await WaitForAsync(Limits.PendingConnectsPerSession);
    }

    [TestMethod]
    public async Task WhoIsClosedWhileWaitingIsOutOfTheQueue()
    {
        var turns = new ConnectTurns(_time);
        Start(turns, Limits.PendingConnectsPerSession);
        using var stop = new CancellationTokenSource();
        var waiting = turns.RunAsync(() => throw new InvalidOperationException(), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting);
    }

    private Task<Socket>[] Start(ConnectTurns turns, int count) => [.. Enumerable.Range(0, count).Select(_ => turns.RunAsync(ConnectAsync, CancellationToken.None))];

    private Task<Socket> ConnectAsync()
    {
        var connect = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_underWay)
            _underWay.Add(connect);
        return connect.Task;
    }

    /// <summary>A free place goes on to the next on a pool thread.</summary>
    private async Task WaitForAsync(int count)
    {
        for (var round = 0; round < 1000; round++)
        {
            lock (_underWay)
            {
                if (_underWay.Count == count)
                    return;
            }

            await Task.Yield();
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }

        Assert.Fail($"{_underWay.Count} connects are under way");
    }
}
