using System.Net;
using System.Net.Sockets;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.FirewallHost.Sockets;

[TestClass]
public sealed class SessionArrivalsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SessionBindings _bindings;
    private readonly SessionArrivals _arrivals;

    public SessionArrivalsTests()
    {
        _bindings = new SessionBindings(_time);
        _arrivals = new SessionArrivals(_bindings, _time);
    }

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public void Nothing_on_its_way_is_settled() => Assert.IsTrue(_arrivals.SettledAsync(TestContext.CancellationToken).AsTask().IsCompletedSuccessfully);

    [TestMethod]
    [Timeout(60_000)]
    public async Task All_that_came_have_to_settle()
    {
        _arrivals.Came();
        _arrivals.Came();
        var settled = _arrivals.SettledAsync(TestContext.CancellationToken).AsTask();
        _arrivals.Settled();
        Assert.IsFalse(settled.IsCompleted);
        _arrivals.Settled();
        await settled;
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_connection_that_is_not_accepted_yet_counts()
    {
        using var binding = new Binding(new(0x10200), new IPEndPoint(IPAddress.Loopback, 0), IPEndPoint.Parse("127.0.0.1:1234"), new PortClaims());
        _bindings.TryAdd(binding);
        binding.Listen(1);
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(binding.Outside, TestContext.CancellationToken);
        var settled = _arrivals.SettledAsync(TestContext.CancellationToken).AsTask();
        Assert.IsFalse(settled.IsCompleted);

        _arrivals.Came();
        _bindings.RemoveAll();
        _arrivals.Settled();
        await settled;
    }

    /// <summary>The runtime has accepted a connection that nobody has counted yet.</summary>
    [TestMethod]
    [Timeout(60_000)]
    public async Task Where_somebody_listens_a_quiet_look_is_taken_twice()
    {
        using var binding = new Binding(new(0x10200), new IPEndPoint(IPAddress.Loopback, 0), IPEndPoint.Parse("127.0.0.1:1234"), new PortClaims());
        _bindings.TryAdd(binding);
        binding.Listen(1);
        var nobody = _arrivals.SettledAsync(TestContext.CancellationToken).AsTask();
        Assert.IsFalse(nobody.IsCompleted);
        _time.Advance(Limits.SecondLook);
        await nobody;

        var late = _arrivals.SettledAsync(TestContext.CancellationToken).AsTask();
        _arrivals.Came();
        _time.Advance(Limits.SecondLook);
        Assert.IsFalse(late.IsCompleted);
        _arrivals.Settled();
        await late;
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task The_wait_is_bounded()
    {
        _arrivals.Came();
        var settled = _arrivals.SettledAsync(TestContext.CancellationToken).AsTask();
        _time.Advance(Limits.FtpHold - TimeSpan.FromMilliseconds(1));
        Assert.IsFalse(settled.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await settled;
    }
}
