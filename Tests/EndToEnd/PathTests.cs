using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Diversion.Linux;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Packets that are too large for their way, and packets in pieces.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
[SupportedOSPlatform("linux")]
public sealed class PathTests : SocketTest<PathTests>
{
    private const int IpLevel = 0;
    private const int IpMtu = 14;

    /// <summary>A SYN in two pieces by a raw socket, on a machine with a way of its own: where the kernel tracks connections it puts it together before it is diverted; else it is dropped. No piece slips by.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_fragmented_syn_never_slips_by(bool tracked)
    {
        NeedServices();
        string[] track = ["-A", "OUTPUT", "-m", "conntrack", "--ctstate", "NEW"];
        if (tracked)
            (await Road.Network.Client.RunAsync("iptables", track, cancellation: Cancellation)).OrThrow();
        long dropped = await CounterAsync("packets.everDroppedFragments");
        int port = tracked ? 40_001 : 40_002;
        LabNamespace client = Road.Network.Client;
        LabNamespace firewall = Road.Network.Firewall;
        string[] slipped = ["-t", "raw", "-A", "PREROUTING", "-s", LabAddresses.Client, "-d", LabAddresses.Server];
        (await client.RunAsync("ip", ["route", "add", "default", "via", LabAddresses.FirewallInside], cancellation: Cancellation)).OrThrow();
        (await firewall.RunAsync("iptables", slipped, cancellation: Cancellation)).OrThrow();
        try
        {
            using Socket raw = NamespacePair.Run(client.Name, () => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw));
            raw.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.HeaderIncluded, true);
            byte[] syn = TcpSegment.Build(
                PacketEndpoint.From(IPAddress.Parse(LabAddresses.Client), port),
                PacketEndpoint.From(IPAddress.Parse(LabAddresses.Server), 80), 1000, 0, TcpFlags.Syn);
            var server = new IPEndPoint(IPAddress.Parse(LabAddresses.Server), 0);
            await raw.SendToAsync(Piece(syn, 0, 16, more: true), server);
            await raw.SendToAsync(Piece(syn, 16, 4, more: false), server);
            for (int tries = 0; tries < 100 && !tracked && await CounterAsync("packets.everDroppedFragments") < dropped + 2; tries++)
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
            if (tracked)
                await Road.Redirector!.WaitForLineAsync(line => line.Contains($"192.168.0.2:{port} to 131.107.0.21:80", StringComparison.Ordinal), Soon, Cancellation);
            Assert.AreEqual(tracked ? dropped : dropped + 2, await CounterAsync("packets.everDroppedFragments"));
            CommandResult counted = (await firewall.RunAsync("iptables", ["-t", "raw", "-L", "PREROUTING", "-v", "-n", "-x"], cancellation: Cancellation)).OrThrow();
            Assert.AreEqual("0", counted.Output.Split('\n')[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], counted.Output);
        }
        finally
        {
            track[0] = "-D";
            await client.RunAsync("iptables", track, cancellation: Cancellation);
            slipped[2] = "-D";
            (await firewall.RunAsync("iptables", slipped, cancellation: Cancellation)).OrThrow();
            (await client.RunAsync("ip", ["route", "del", "default", "via", LabAddresses.FirewallInside], cancellation: Cancellation)).OrThrow();
        }
    }

    private static byte[] Piece(byte[] packet, int offset, int length, bool more)
    {
        const int Header = 20;
        byte[] piece = [.. packet.AsSpan(0, Header), .. packet.AsSpan(Header + offset, length)];
        (piece[2], piece[3]) = (0, (byte)piece.Length);
        (piece[4], piece[5]) = (0x12, 0x34);
        (piece[6], piece[7]) = ((byte)(more ? 0x20 : 0), (byte)(offset / 8));
        return piece;
    }

    /// <summary>The firewall's system puts pieces together in whatever order they come, and the program sees one datagram.</summary>
    [TestMethod]
    public async Task A_datagram_that_comes_from_outside_in_pieces_the_wrong_way_round_arrives_whole()
    {
        using Socket server = NamespacePair.Run(Road.Network.Outside.Name, () =>
        {
            var made = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            made.Bind(new IPEndPoint(IPAddress.Parse(LabAddresses.Server), 0));
            return made;
        });
        using Socket raw = NamespacePair.Run(Road.Network.Outside.Name, () => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw));
        raw.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.HeaderIncluded, true);
        using Socket program = NamespacePair.Run(Road.Network.Client.Name, () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        await program.ConnectAsync(server.LocalEndPoint!, Cancellation);
        await program.SendAsync(new byte[] { 1 }, Cancellation);
        var buffer = new byte[256];
        SocketReceiveFromResult asked = await server.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0)).WaitAsync(Soon, Cancellation);
        byte[] payload = [.. Enumerable.Range(0, 192).Select(i => (byte)i)];
        byte[] whole = UdpDatagram.Build(PacketEndpoint.From((IPEndPoint)server.LocalEndPoint!), PacketEndpoint.From((IPEndPoint)asked.RemoteEndPoint), payload);
        const int First = 104;
        await raw.SendToAsync(Piece(whole, First, whole.Length - 20 - First, more: false), asked.RemoteEndPoint);
        await raw.SendToAsync(Piece(whole, 0, First, more: true), asked.RemoteEndPoint);
        int count = await program.ReceiveAsync(buffer, Cancellation).AsTask().WaitAsync(Soon, Cancellation);
        CollectionAssert.AreEqual(payload, buffer[..count]);
    }

    /// <summary>The client's own kernel finds out that the way to the firewall is narrower than it seemed: the segments have another destination by then.</summary>
    [TestMethod]
    public async Task A_narrow_way_to_the_firewall_is_found_by_the_clients_kernel()
    {
        NeedServices();
        string[] route = ["route", "replace", $"{LabAddresses.FirewallInside}/32", "dev", "inside", "src", LabAddresses.Client, "mtu", "lock", "1280"];
        (await Road.Network.Client.RunAsync("ip", route, cancellation: Cancellation)).OrThrow();
        try
        {
            await CarryAsync();
        }
        finally
        {
            (await Road.Network.Client.RunAsync("ip", ["route", "del", $"{LabAddresses.FirewallInside}/32"], cancellation: Cancellation)).OrThrow();
        }
    }

    /// <summary>A router between client and firewall says "fragmentation needed" of packets that only it and we have seen.</summary>
    [TestMethod]
    public async Task A_narrow_way_to_the_firewall_is_told_by_a_router()
    {
        NeedServices();
        await using var router = await NarrowRouter.InsertAsync(Road.Network, mtu: 1200, Cancellation);
        await CarryAsync();
        CommandResult sent = (await router.RunAsync("cat", ["/proc/net/snmp"], Cancellation)).OrThrow();
        Assert.AreNotEqual("0", Snmp(sent.Output, "Icmp", "OutDestUnreachs"), "the router has said nothing: the test shows nothing");
    }

    [TestMethod]
    public async Task A_narrow_way_beyond_the_firewall_is_found_by_the_firewall()
    {
        string[] route = ["route", "replace", $"{LabAddresses.Server}/32", "dev", "outside", "mtu", "lock", "1000"];
        (await Road.Network.Firewall.RunAsync("ip", route, cancellation: Cancellation)).OrThrow();
        try
        {
            await CarryAsync();
        }
        finally
        {
            (await Road.Network.Firewall.RunAsync("ip", ["route", "del", $"{LabAddresses.Server}/32"], cancellation: Cancellation)).OrThrow();
        }
    }

    /// <summary>Without fragments by its own wish: the program hears of the narrow way to the firewall from its own system, and what fits comes back.</summary>
    [TestMethod]
    [DataRow("kernel", DisplayName = "found by the client's kernel")]
    [DataRow("router", DisplayName = "told by a router")]
    public async Task A_datagram_that_is_too_large_for_the_way_to_the_firewall_is_told(string by)
    {
        NeedServices();
        const int Mtu = 1200;
        if (by == "router")
        {
            await using var router = await NarrowRouter.InsertAsync(Road.Network, Mtu, Cancellation);
            await AssertPathIsFoundAsync(Mtu);
            return;
        }

        string[] route = ["route", "replace", $"{LabAddresses.FirewallInside}/32", "dev", "inside", "src", LabAddresses.Client, "mtu", "lock", $"{Mtu}"];
        (await Road.Network.Client.RunAsync("ip", route, cancellation: Cancellation)).OrThrow();
        try
        {
            await AssertPathIsFoundAsync(Mtu);
        }
        finally
        {
            (await Road.Network.Client.RunAsync("ip", ["route", "del", $"{LabAddresses.FirewallInside}/32"], cancellation: Cancellation)).OrThrow();
        }
    }

    /// <summary>The same beyond the firewall, which tells the client what it knows itself or a router says.</summary>
    [TestMethod]
    [DataRow("kernel", DisplayName = "known to the firewall's kernel")]
    [DataRow("router", DisplayName = "told by a router")]
    public async Task A_datagram_that_is_too_large_for_the_way_beyond_the_firewall_is_told(string by)
    {
        NeedServices();
        int mtu = by == "router" ? 1260 : 1300;
        if (by == "router")
        {
            await using var router = await NarrowRouter.InsertOutsideAsync(Road.Network, mtu, Cancellation);
            await AssertPathIsFoundAsync(mtu);
            CommandResult sent = (await router.RunAsync("cat", ["/proc/net/snmp"], Cancellation)).OrThrow();
            Assert.AreNotEqual("0", Snmp(sent.Output, "Icmp", "OutDestUnreachs"), "the router has said nothing: the test shows nothing");
            return;
        }

        string[] route = ["route", "replace", $"{LabAddresses.Server}/32", "dev", "outside", "mtu", "lock", $"{mtu}"];
        (await Road.Network.Firewall.RunAsync("ip", route, cancellation: Cancellation)).OrThrow();
        try
        {
            await AssertPathIsFoundAsync(mtu);
        }
        finally
        {
            (await Road.Network.Firewall.RunAsync("ip", ["route", "del", $"{LabAddresses.Server}/32"], cancellation: Cancellation)).OrThrow();
        }
    }

    /// <summary>A connected socket with IP_PMTUDISC_DO gets EMSGSIZE, knows the size of the way (IP_MTU), and carries what fits.</summary>
    private async Task AssertPathIsFoundAsync(int mtu)
    {
        const int Headers = 28;
        // What a kernel has learnt of a way, it keeps for ten minutes.
        foreach (LabNamespace machine in new[] { Road.Network.Client, Road.Network.Firewall })
            (await machine.RunAsync("ip", ["route", "flush", "cache"], cancellation: Cancellation)).OrThrow();
        using Socket program = NamespacePair.Run(Road.Network.Client.Name, () =>
        {
            var made = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { DontFragment = true, ReceiveTimeout = 300 };
            made.Connect(LabAddresses.Server, LabAddresses.EchoPort);
            return made;
        });
        Assert.AreEqual(mtu - Headers, await EchoAsync(program, mtu - Headers), "what fits comes back");
        SocketError error = SocketError.Success;
        long started = Stopwatch.GetTimestamp();
        // The first few may be lost, or come back in pieces: nobody knew.
        for (int tries = 0; tries < 100 && error != SocketError.MessageSize && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(2); tries++)
            error = await ErrorOfAsync(program, mtu - Headers + 1);
        Assert.AreEqual(SocketError.MessageSize, error, "it is told at once");
        byte[] known = new byte[4];
        program.GetRawSocketOption(IpLevel, IpMtu, known);
        Assert.AreEqual(mtu, BitConverter.ToInt32(known));
        Assert.AreEqual(mtu - Headers, await EchoAsync(program, mtu - Headers), "what fits still comes back");
        Assert.AreEqual(SocketError.MessageSize, Assert.ThrowsExactly<SocketException>(() => program.Send(new byte[mtu - Headers + 1])).SocketErrorCode);
    }

    /// <summary>The four largest sizes of UDP do not fit a message of the kernel's queue: a connected socket hears that they are too large, and the next smaller one goes.</summary>
    [TestMethod]
    [DataRow(65_504)]
    [DataRow(65_507)]
    public async Task A_datagram_that_the_queue_does_not_hand_over_is_told(int size)
    {
        NeedServices();
        using Socket program = NamespacePair.Run(Road.Network.Client.Name, () =>
        {
            var made = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 2000 };
            made.Connect(LabAddresses.Server, LabAddresses.EchoPort);
            return made;
        });
        Assert.AreEqual(SocketError.MessageSize, await ErrorOfAsync(program, size));
        Assert.AreEqual(65_503, await EchoAsync(program, 65_503));
    }

    private static async Task<SocketError> ErrorOfAsync(Socket program, int size)
    {
        try
        {
            await Task.Run(() => program.Send(new byte[size]));
            await Task.Run(() => program.Receive(new byte[size + 1]));
            return SocketError.Success;
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode;
        }
    }

    /// <summary>How much of a datagram of this size came back; the next try where the first is lost to an error of an earlier one.</summary>
    private static async Task<int> EchoAsync(Socket program, int size)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                return await Task.Run(() =>
                {
                    program.Send(new byte[size]);
                    // The echo of what went out in pieces may be there still.
                    int came = program.Receive(new byte[size + 1]);
                    return came == size + 1 ? program.Receive(new byte[size + 1]) : came;
                });
            }
            catch (SocketException) when (tries < 10)
            {
                // Once more.
            }
        }
    }

    /// <summary>Five megabytes each way.</summary>
    private async Task CarryAsync()
    {
        const int Size = 5_000_000;
        (Socket program, Socket server) = await ConnectAsync();
        using (program)
        using (server)
        {
            Task<long> up = CountAsync(server);
            await program.SendAsync(new byte[Size], Cancellation).AsTask().WaitAsync(Soon, Cancellation);
            program.Shutdown(SocketShutdown.Send);
            Assert.AreEqual(Size, await up);
            Task<long> down = CountAsync(program);
            await server.SendAsync(new byte[Size], Cancellation).AsTask().WaitAsync(Soon, Cancellation);
            server.Shutdown(SocketShutdown.Send);
            Assert.AreEqual(Size, await down);
        }
    }

    /// <summary>Of /proc/net/snmp: a line of names, and a line of values.</summary>
    private static string Snmp(string text, string group, string name)
    {
        string[][] lines = [.. text.Split('\n').Where(line => line.StartsWith(group + ":", StringComparison.Ordinal)).Select(line => line.Split(' '))];
        return lines[1][Array.IndexOf(lines[0], name)];
    }
}
