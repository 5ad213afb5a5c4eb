using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Session;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Firewall;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.Redirector.Firewall;

/// <summary>A process that hangs: its system takes connections, and nobody answers.</summary>
[TestClass]
public sealed class SilentFirewallTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly KnownFirewall _firewall;

    public SilentFirewallTests()
    {
        _listener.Start();
        var endpoint = (IPEndPoint)_listener.LocalEndpoint;
        _firewall = new FirewallList([new FirewallName("127.0.0.1", (ushort)endpoint.Port)], _time, NullLogger.Instance).All[0];
    }

    public required TestContext TestContext { get; init; }

    public void Dispose() => _listener.Dispose();

    [TestMethod]
    public async Task AProbeWithoutAWordFindsItAway()
    {
        _firewall.Suspect();
        for (var round = 0; round < 500 && _firewall.State != ReachState.Unreachable; round++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Delay(10, TestContext.CancellationToken);
        }

        Assert.AreEqual(ReachState.Unreachable, _firewall.State);
        Assert.Contains("answers nothing", _firewall.Complaint);
    }

    [TestMethod]
    public async Task AConnectionAloneDoesNotBringItBackAndItsWordDoes()
    {
        _firewall.Silent(_time.Milliseconds());
        (await _firewall.DialAsync(TestContext.CancellationToken)).Dispose();
        Assert.AreEqual(ReachState.Unreachable, _firewall.State);
        _firewall.Heard();
        Assert.AreEqual(ReachState.Reachable, _firewall.State);
        (await _firewall.DialAsync(TestContext.CancellationToken)).Dispose();
        Assert.AreEqual(ReachState.Reachable, _firewall.State);
    }

    /// <summary>Its answer to a new connection is late, and that to a keep-alive has come: it is slow.</summary>
    [TestMethod]
    public void WhoWasHeardOfMeanwhileIsNotSilent()
    {
        var asked = _time.Milliseconds();
        _time.Advance(TimeSpan.FromMilliseconds(500));
        _firewall.Heard();
        _time.Advance(TimeSpan.FromMilliseconds(500));
        _firewall.Silent(asked);
        Assert.AreNotEqual(ReachState.Unreachable, _firewall.State);
    }

    [TestMethod]
    public async Task AWordInTimeIsWaitedForAndNoLonger()
    {
        var heard = new TaskCompletionSource();
        var expecting = _firewall.ExpectWordAsync(heard.Task);
        _time.Advance(FirewallLimits.FirstWord / 2);
        heard.SetResult();
        await expecting;
        Assert.AreNotEqual(ReachState.Unreachable, _firewall.State);

        expecting = _firewall.ExpectWordAsync(new TaskCompletionSource().Task);
        _time.Advance(FirewallLimits.FirstWord);
        await expecting;
        Assert.AreEqual(ReachState.Unreachable, _firewall.State);
    }
}
