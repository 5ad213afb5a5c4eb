using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.FirewallHost.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.FirewallHost.Control;

/// <summary>How UDP sockets and their mappings end: time, room, the client, the session; and what the access log says of it.</summary>
[TestClass]
public sealed class AssociationLifeTests
{
    private const int OneMinute = 60_000;
    private const string PeerAddress = "127.42.0.3";

    private readonly FakeTimeProvider _time = new();

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Quiet_mapping_is_closed_after_its_time_and_a_used_one_is_not()
    {
        await using var firewall = await LoopbackFirewall.StartAsync(time: _time);
        using var program = new UdpProgram();
        using var quiet = new UdpProgram(PeerAddress);
        using var busy = new UdpProgram(PeerAddress);
        await program.BindAsync(firewall);
        var request = program.Request(firewall, quiet.Endpoint);
        await firewall.Client.RequestAsync(request);
        var toBusy = await program.ConnectAsync(firewall, busy.Endpoint);

        Pass(TimeSpan.FromMinutes(4));
        busy.Send(program.Outside, "inbound refreshes");
        await program.AssertReceivesAsync("inbound refreshes", toBusy.Inside);
        Pass(TimeSpan.FromSeconds(50));
        Assert.IsEmpty(firewall.Closes);
        Pass(TimeSpan.FromSeconds(15));
        Assert.AreEqual(request.Id, firewall.Closes.Take().Id);

        program.Send(toBusy.Inside, "still there");
        await busy.AssertReceivesAsync("still there", program.Outside);
        var again = await program.ConnectAsync(firewall, quiet.Endpoint);
        Assert.AreEqual(program.Outside, again.Outside, "the port is kept");
        Assert.IsEmpty(firewall.Closes);
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Inbound_does_not_refresh_where_the_configuration_says_so()
    {
        await using var firewall = await LoopbackFirewall.StartAsync(udp: new UdpOptions { Refresh = DatagramRefresh.Outbound }, time: _time);
        using var program = new UdpProgram();
        using var peer = new UdpProgram(PeerAddress);
        await program.BindAsync(firewall);
        var reply = await program.ConnectAsync(firewall, peer.Endpoint);
        Pass(TimeSpan.FromMinutes(4));
        peer.Send(program.Outside, "inbound");
        await program.AssertReceivesAsync("inbound", reply.Inside);
        Pass(TimeSpan.FromSeconds(65));
        Assert.AreEqual(reply.Id, firewall.Closes.Take().Id);
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Socket_without_peers_is_given_up_after_an_hour()
    {
        await using var firewall = await LoopbackFirewall.StartAsync(time: _time);
        using var program = new UdpProgram();
        await program.BindAsync(firewall);
        Pass(TimeSpan.FromMinutes(59));
        Assert.IsEmpty(firewall.Closes);
        Pass(TimeSpan.FromMinutes(2));
        var close = firewall.Closes.Take();
        Assert.AreEqual((program.Id, 0u), (close.Id, close.FirewallMapping));
        using var free = new UdpProgram($"{LoopbackFirewall.Outside}", program.Outside.Port);
    }

    /// <summary>A server may wait for longer.</summary>
    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Socket_that_listens_is_not_given_up()
    {
        await using var firewall = await LoopbackFirewall.StartAsync(time: _time);
        using var program = new UdpProgram();
        await program.BindAsync(firewall);
        Assert.IsInstanceOfType<ListenReply>(await firewall.Client.RequestAsync(new ListenRequest(program.Outside, 0) { Id = program.Id }));
        Pass(TimeSpan.FromHours(3));
        Assert.IsEmpty(firewall.Closes);
        Assert.AreEqual("Listening", firewall.Firewall.Open.Bindings().Single().State);
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Mapping_that_the_client_does_not_acknowledge_is_given_up()
    {
        await using var firewall = await LoopbackFirewall.StartAsync(udp: new UdpOptions { Filtering = DatagramFiltering.EndpointIndependent }, time: _time);
        using var program = new UdpProgram();
        using var peer = new UdpProgram(PeerAddress);
        await program.BindAsync(firewall);
        peer.Send(program.Outside, "hello");
        var mapping = firewall.Mappings.Take();
        Pass(Limits.MappingDeadline + Limits.UdpSweep);
        var close = firewall.Closes.Take();
        Assert.AreEqual((program.Id, mapping.FirewallMapping), (close.Id, close.FirewallMapping));
        program.AssertQuiet();
    }

    /// <summary>Eight inside ports, of which one rests: the eighth peer costs the one that was not used for longest its place, and gets not its port but the rested one.</summary>
    [TestMethod]
    [Timeout(OneMinute)]
    public async Task One_peer_too_many_takes_the_place_of_the_longest_unused()
    {
        var range = new PortRange(20220, 20227);
        await using var firewall = await LoopbackFirewall.StartAsync(datagramPorts: range, time: _time);
        using var program = new UdpProgram();
        await program.BindAsync(firewall);
        var requests = new List<ConnectRequest>();
        var replies = new List<ConnectReply>();
        for (var i = 0; i < range.Count; i++)
        {
            if (i == range.Count - 1)
                await UseAsync(program, replies[0]);
            _time.Advance(TimeSpan.FromMilliseconds(10));
            requests.Add(program.Request(firewall, IPEndPoint.Parse($"{PeerAddress}:{4000 + i}")));
            replies.Add((ConnectReply)await firewall.Client.RequestAsync(requests[^1]));
        }

        CollectionAssert.AreEqual(Enumerable.Range(range.First, range.Count).ToArray(), replies.Select(reply => reply.Inside.Port).ToArray());
        var close = firewall.Closes.Take();
        Assert.AreEqual(requests[1].Id, close.Id, "the first was used again, the second was not");
        Assert.IsEmpty(firewall.Closes);

        // Another client socket has all the ports for itself.
        using var other = new UdpProgram();
        await other.BindAsync(firewall);
        Assert.AreEqual(range.First, (await other.ConnectAsync(firewall, IPEndPoint.Parse($"{PeerAddress}:4000"))).Inside.Port);
    }

    /// <summary>A stranger takes a stranger's place, never that of a peer that the program wanted.</summary>
    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Unknown_peers_never_push_a_wanted_one_out()
    {
        await using var firewall = await LoopbackFirewall.StartAsync(
            udp: new UdpOptions { Filtering = DatagramFiltering.EndpointIndependent }, datagramPorts: new PortRange(20230, 20232), time: _time);
        using var program = new UdpProgram();
        using var wanted = new UdpProgram(PeerAddress);
        using var first = new UdpProgram(PeerAddress);
        using var second = new UdpProgram(PeerAddress);
        await program.BindAsync(firewall);
        var reply = await program.ConnectAsync(firewall, wanted.Endpoint);
        _time.Advance(TimeSpan.FromSeconds(1));
        first.Send(program.Outside, "1");
        var one = firewall.Mappings.Take();
        second.Send(program.Outside, "2");
        Assert.AreEqual(second.Endpoint, firewall.Mappings.Take().Peer);
        var close = firewall.Closes.Take();
        Assert.AreEqual((program.Id, one.FirewallMapping), (close.Id, close.FirewallMapping));
        program.Send(reply.Inside, "wanted");
        await wanted.AssertReceivesAsync("wanted", program.Outside);
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task Close_of_a_peer_or_of_the_socket_frees_it()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var program = new UdpProgram();
        using var peer = new UdpProgram(PeerAddress);
        await program.BindAsync(firewall);
        var reply = await program.ConnectAsync(firewall, peer.Endpoint);
        firewall.Client.Notify(new Close("", IsFromFirewall: false) { Id = reply.Id });
        var again = await program.ConnectAsync(firewall, peer.Endpoint);
        Assert.AreEqual(reply.Outside, again.Outside);

        firewall.Client.Notify(new Close("", IsFromFirewall: false) { Id = program.Id });
        using var next = new UdpProgram();
        await next.BindAsync(firewall, wanted: program.Outside.Port);
        Assert.AreEqual(program.Outside, next.Outside, "the outside port is free again");
        Assert.IsEmpty(firewall.Closes, "who closes is not told");
    }

    [TestMethod]
    [Timeout(OneMinute)]
    public async Task End_of_the_session_frees_everything_and_the_access_log_has_a_line_for_each_mapping()
    {
        var firewall = await LoopbackFirewall.StartAsync();
        using var program = new UdpProgram();
        using var peer = new UdpProgram(PeerAddress);
        await program.BindAsync(firewall);
        var denied = await program.ConnectErrorAsync(firewall, IPEndPoint.Parse("127.42.0.99:53"));
        var reply = await program.ConnectAsync(firewall, peer.Endpoint);
        program.Send(reply.Inside, "12345");
        await peer.AssertReceivesAsync("12345", program.Outside);
        peer.Send(program.Outside, "123");
        await program.AssertReceivesAsync("123", reply.Inside);
        var log = File.Open(firewall.LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await firewall.DisposeAsync();

        using var free = new UdpProgram($"{LoopbackFirewall.Outside}", program.Outside.Port);
        using var reader = new StreamReader(log);
        var lines = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var fields = lines[3]["#Fields: ".Length..].Split(' ');
        var rows = lines.Skip(4).Select(line => fields.Zip(line.Split('\t')).ToDictionary(pair => pair.First, pair => pair.Second)).ToArray();
        Assert.HasCount(2, rows);
        Assert.AreEqual(("Denied", $"{denied}", "UDP"), (rows[0]["action"], rows[0]["result"], rows[0]["cs-protocol"]));
        var row = rows[1];
        Assert.AreEqual(("UDP", "Outbound", "Closed", "SessionEnded/Firewall"), (row["cs-protocol"], row["direction"], row["action"], row["result"]));
        Assert.AreEqual(("5", "3"), (row["bytes-sent"], row["bytes-received"]));
        Assert.AreEqual((PeerAddress, $"{peer.Endpoint.Port}"), (row["r-ip"], row["r-port"]));
        Assert.AreEqual(($"{reply.Inside.Port}", $"{program.Outside.Port}", "Local clients"), (row["inside-port"], row["outside-port"], row["rule"]));
    }

    [TestMethod]
    [Timeout(OneMinute)]
    [DoNotParallelize]
    public async Task A_datagram_allocates_nothing()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        using var program = new UdpProgram();
        using var peer = new UdpProgram(PeerAddress);
        await program.BindAsync(firewall);
        var reply = await program.ConnectAsync(firewall, peer.Endpoint);
        var (inside, outside) = (reply.Inside.Serialize(), program.Outside.Serialize());
        var from = new SocketAddress(AddressFamily.InterNetwork);
        var buffer = new byte[1200];
        // The pool gets a buffer for each of its threads at first, and others in the process allocate too. One object a datagram would be 96,000 bytes in every round.
        var least = long.MaxValue;
        for (var round = 0; round < 20 && least >= 48_000; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            RoundTrips(2000);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.IsLessThan(48_000L, least);

        void RoundTrips(int count)
        {
            for (var i = 0; i < count; i++)
            {
                program.Socket.SendTo(buffer, SocketFlags.None, inside);
                peer.Socket.ReceiveFrom(buffer, SocketFlags.None, from);
                peer.Socket.SendTo(buffer, SocketFlags.None, outside);
                program.Socket.ReceiveFrom(buffer, SocketFlags.None, from);
            }
        }
    }

    private static async Task UseAsync(UdpProgram program, ConnectReply reply)
    {
        using var peer = new UdpProgram(PeerAddress, reply.Server.Port);
        program.Send(reply.Inside, "used");
        await peer.AssertReceivesAsync("used", program.Outside);
    }

    /// <summary>In steps of the sweep, as time passes for its timer.</summary>
    private void Pass(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += Limits.UdpSweep)
            _time.Advance(Limits.UdpSweep);
    }
}
