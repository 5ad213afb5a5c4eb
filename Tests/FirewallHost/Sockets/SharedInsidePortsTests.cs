using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Sockets;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.FirewallHost.Sockets;

[TestClass]
public sealed class SharedInsidePortsTests
{
    // An address of this test's own, so that its ports are free.
    private static readonly IPAddress Inside = IPAddress.Parse("127.41.0.1");
    private static readonly IPEndPoint Client = IPEndPoint.Parse("127.0.0.1:1516");
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogger _logger = new();

    [TestMethod]
    [Timeout(30_000)]
    public async Task Announced_endpoint_arrives_and_any_other_is_reset()
    {
        using var ports = new SharedInsidePorts(new PortRange(20100, 20101), _time, _logger);
        using var announced = Bound();
        using var arrival = ports.Announce((IPEndPoint)announced.LocalEndPoint!, Inside);
        Assert.AreEqual(new IPEndPoint(Inside, 20100), arrival.Inside);

        using var stranger = Bound();
        await AssertResetAsync(stranger, arrival.Inside);
        Assert.Contains("without being announced", _logger.LatestRecord.Message);

        await announced.ConnectAsync(arrival.Inside);
        using var inside = await arrival.WaitAsync(_time, CancellationToken.None);
        Assert.AreEqual(announced.LocalEndPoint, inside.RemoteEndPoint);
    }

    [TestMethod]
    [Timeout(30_000)]
    public async Task Who_does_not_come_in_time_has_missed_it()
    {
        using var ports = new SharedInsidePorts(new PortRange(20110, 20110), _time, _logger);
        using var late = Bound();
        IPEndPoint inside;
        using (var arrival = ports.Announce((IPEndPoint)late.LocalEndPoint!, Inside))
        {
            var waiting = arrival.WaitAsync(_time, CancellationToken.None);
            _time.Advance(Limits.InsideAcceptDeadline - TimeSpan.FromMilliseconds(1));
            Assert.IsFalse(waiting.IsCompleted);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            var failure = await Assert.ThrowsExactlyAsync<SocketFailure>(() => waiting);
            Assert.AreEqual(WinsockError.WSAETIMEDOUT, failure.Error);
            inside = arrival.Inside;
        }

        await AssertResetAsync(late, inside);
    }

    [TestMethod]
    public void Same_client_port_to_two_servers_gets_two_ports_and_others_share_one()
    {
        using var ports = new SharedInsidePorts(new PortRange(20120, 20121), _time, _logger);
        using var first = ports.Announce(Client, Inside);
        using var second = ports.Announce(Client, Inside);
        using var other = ports.Announce(new IPEndPoint(Client.Address, 1517), Inside);
        Assert.AreSequenceEqual(new[] { 20120, 20121, 20120 }, [first.Inside.Port, second.Inside.Port, other.Inside.Port]);
        var failure = Assert.ThrowsExactly<SocketFailure>(() => ports.Announce(Client, Inside));
        Assert.AreEqual(WinsockError.WSAENOBUFS, failure.Error);
    }

    [TestMethod]
    public void Used_pair_rests_while_there_is_another_port()
    {
        using var ports = new SharedInsidePorts(new PortRange(20130, 20131), _time, _logger);
        Assert.AreEqual(20130, Use(ports));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.AreEqual(20131, Use(ports));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.AreEqual(20130, Use(ports), "both have been used: the one whose use is longest ago");
        _time.Advance(Limits.EndpointRest);
        Assert.AreEqual(20130, Use(ports));
    }

    [TestMethod]
    public void Port_of_another_program_is_left_out()
    {
        using var taken = new TcpListener(Inside, 20140);
        taken.Start();
        using var ports = new SharedInsidePorts(new PortRange(20140, 20141), _time, _logger);
        Assert.ThrowsExactly<SocketException>(() => ports.Open(Inside));
        Assert.AreEqual(20141, Use(ports));
    }

    [TestMethod]
    [Timeout(30_000)]
    public async Task Dynamic_gives_each_flow_a_port_of_its_own()
    {
        using var ports = new DynamicInsidePorts(_logger);
        using var client = Bound();
        using var arrival = ports.Announce((IPEndPoint)client.LocalEndPoint!, Inside);
        using var second = ports.Announce((IPEndPoint)client.LocalEndPoint!, Inside);
        Assert.AreNotEqual(arrival.Inside.Port, second.Inside.Port);
        await client.ConnectAsync(arrival.Inside);
        using var inside = await arrival.WaitAsync(_time, CancellationToken.None);
        Assert.AreEqual(client.LocalEndPoint, inside.RemoteEndPoint);
    }

    private static int Use(SharedInsidePorts ports)
    {
        using var arrival = ports.Announce(Client, Inside);
        return arrival.Inside.Port;
    }

    /// <summary>The kernel accepts before anybody looks, so that the reset comes behind the handshake; on loopback that can still be within the connect.</summary>
    private static async Task AssertResetAsync(Socket socket, IPEndPoint inside)
    {
        var e = await Assert.ThrowsExactlyAsync<SocketException>(async () =>
        {
            await socket.ConnectAsync(inside);
            await SocketPair.ReadToEndAsync(socket);
        });
        Assert.AreEqual(SocketError.ConnectionReset, e.SocketErrorCode);
    }

    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
