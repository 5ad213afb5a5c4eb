using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Tests.Redirector.Diversion.Linux;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>
/// TCP's fine print, with the kernels of three machines: sockets of this process, made inside the client's and the server's namespace. What stands in Redirector/NAT.md and in
/// "What the program sees" of Redirector/README.md.
/// </summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
[SupportedOSPlatform("linux")]
public sealed class TcpTests : SocketTest<TcpTests>
{
    private const int FastOpenConnect = 30;

    /// <summary>The program has said its last, and is answered for as long as the server likes; then the other way round.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task A_half_closed_connection_carries_data_the_other_way(bool byProgram)
    {
        (Socket program, Socket server) = await ConnectAsync();
        using (program)
        using (server)
        {
            (Socket first, Socket second) = byProgram ? (program, server) : (server, program);
            await first.SendAsync("last"u8.ToArray());
            first.Shutdown(SocketShutdown.Send);
            Assert.AreEqual("last", await TextAsync(second));
            for (int i = 0; i < 5; i++)
            {
                await second.SendAsync(new byte[100_000]);
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancellation);
            }

            second.Shutdown(SocketShutdown.Send);
            Assert.AreEqual(500_000, await CountAsync(first));
        }
    }

    /// <summary>A cut is a cut, and an end an end, in both directions.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task A_reset_is_a_reset_on_the_other_side(bool byProgram)
    {
        (Socket program, Socket server) = await ConnectAsync();
        (Socket first, Socket second) = byProgram ? (program, server) : (server, program);
        using (second)
        {
            first.LingerState = new LingerOption(true, 0);
            first.Dispose();
            SocketException failure = await Assert.ThrowsExactlyAsync<SocketException>(() => CountAsync(second));
            Assert.AreEqual(SocketError.ConnectionReset, failure.SocketErrorCode);
        }
    }

    [TestMethod]
    public async Task One_client_port_talks_to_two_servers_at_once()
    {
        using Socket one = await ListenAsync(LabAddresses.Server);
        using Socket two = await ListenAsync(LabAddresses.NameServer);
        (Socket first, Socket firstPeer) = await ConnectAsync(one, Shared(LabAddresses.Client, 0));
        int port = ((IPEndPoint)first.LocalEndPoint!).Port;
        (Socket second, Socket secondPeer) = await ConnectAsync(two, Shared(LabAddresses.Client, port));
        using (first)
        using (firstPeer)
        using (second)
        using (secondPeer)
        {
            Assert.AreEqual(port, ((IPEndPoint)second.LocalEndPoint!).Port);
            // Both servers see one outside endpoint (RFC 5382, REQ-1).
            Assert.AreEqual(firstPeer.RemoteEndPoint, secondPeer.RemoteEndPoint);
            await firstPeer.SendAsync("one"u8.ToArray());
            await secondPeer.SendAsync("two"u8.ToArray());
            Assert.AreEqual("one", await SomeAsync(first));
            Assert.AreEqual("two", await SomeAsync(second));
        }
    }

    [TestMethod]
    public async Task One_port_of_two_client_addresses_talks_to_one_server()
    {
        NeedServices();
        const string Second = "192.168.0.3";
        (await Road.Network.Client.RunAsync("ip", ["address", "add", $"{Second}/24", "dev", "inside"], cancellation: Cancellation)).OrThrow();
        try
        {
            using Socket listener = await ListenAsync(LabAddresses.Server);
            (Socket first, Socket firstPeer) = await ConnectAsync(listener, Shared(LabAddresses.Client, 0));
            (Socket second, Socket secondPeer) = await ConnectAsync(listener, Shared(Second, ((IPEndPoint)first.LocalEndPoint!).Port));
            using (first)
            using (firstPeer)
            using (second)
            using (secondPeer)
            {
                await firstPeer.SendAsync("one"u8.ToArray());
                await secondPeer.SendAsync("two"u8.ToArray());
                Assert.AreEqual("one", await SomeAsync(first));
                Assert.AreEqual("two", await SomeAsync(second));
            }
        }
        finally
        {
            (await Road.Network.Client.RunAsync("ip", ["address", "del", $"{Second}/24", "dev", "inside"], cancellation: Cancellation)).OrThrow();
        }
    }

    /// <summary>The same port, to the same server, as soon as the last connection is over: the kernel of the client allows it to a socket in TIME-WAIT, and so must we.</summary>
    [TestMethod]
    public async Task A_port_is_used_again_at_once()
    {
        using Socket listener = await ListenAsync(LabAddresses.Server);
        int port = 0;
        for (int round = 0; round < 10; round++)
        {
            (Socket program, Socket server) = await ConnectAsync(listener, Shared(LabAddresses.Client, port));
            port = ((IPEndPoint)program.LocalEndPoint!).Port;
            await program.SendAsync("x"u8.ToArray());
            program.Shutdown(SocketShutdown.Send);
            Assert.AreEqual("x", await TextAsync(server));
            server.Dispose();
            Assert.AreEqual(0, await CountAsync(program));
            program.Dispose();
        }
    }

    /// <summary>A stranger inside that can take the firewall's address, and does not see the packets.</summary>
    [TestMethod]
    public async Task A_blind_reset_ends_nothing()
    {
        NeedServices();
        (Socket program, Socket server) = await ConnectAsync();
        using (program)
        using (server)
        {
            var local = (IPEndPoint)program.LocalEndPoint!;
            int inside = await InsidePortAsync(local);
            using Socket raw = NamespacePair.Run(Road.Network.Firewall.Name, () => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw));
            for (uint guess = 0; guess < 64; guess++)
            {
                byte[] reset = FwRedirect.Redirector.Packets.TcpSegment.Build(
                    FwRedirect.Redirector.Packets.PacketEndpoint.From(IPAddress.Parse(LabAddresses.FirewallInside), inside),
                    FwRedirect.Redirector.Packets.PacketEndpoint.From(local), guess * 0x0400_0000u, 0, FwRedirect.Redirector.Packets.TcpFlags.Rst);
                raw.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.HeaderIncluded, true);
                await raw.SendToAsync(reset, new IPEndPoint(local.Address, 0));
            }

            await program.SendAsync("still"u8.ToArray());
            Assert.AreEqual("still", await SomeAsync(server));
            await server.SendAsync("here"u8.ToArray());
            Assert.AreEqual("here", await SomeAsync(program));
            Assert.AreEqual(1, await CounterAsync("flows.established"));
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Urgent_data_arrives(bool byProgram)
    {
        (Socket program, Socket server) = await ConnectAsync();
        using (program)
        using (server)
        {
            (Socket first, Socket second) = byProgram ? (program, server) : (server, program);
            await first.SendAsync("before"u8.ToArray());
            first.Send("!"u8, SocketFlags.OutOfBand);
            await first.SendAsync("after"u8.ToArray());
            first.Shutdown(SocketShutdown.Send);
            var urgent = new byte[1];
            for (int tries = 0; tries < 100 && !TryUrgent(second, urgent); tries++)
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
            Assert.AreEqual((byte)'!', urgent[0]);
            Assert.AreEqual("beforeafter", await TextAsync(second));
        }
    }

    /// <summary>Data in the SYN (RFC 7413): with a firewall that takes it and with one that does not.</summary>
    [TestMethod]
    [DataRow(0)]
    [DataRow(3)]
    public async Task Fast_open_works_whether_the_firewall_takes_it_or_not(int mode)
    {
        foreach (LabNamespace machine in new[] { Road.Network.Client, Road.Network.Firewall, Road.Network.Outside })
            (await machine.RunAsync("sysctl", ["-q", "-w", $"net.ipv4.tcp_fastopen={mode}"], cancellation: Cancellation)).OrThrow();
        using Socket listener = await ListenAsync(LabAddresses.Server, fastOpen: true);
        // The first gets a cookie, the others use it.
        for (int round = 0; round < 3; round++)
        {
            using Socket program = NamespacePair.Run(Road.Network.Client.Name, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            if (mode != 0)
                program.SetRawSocketOption(TcpLevel, FastOpenConnect, BitConverter.GetBytes(1));
            Task<Socket> accepting = listener.AcceptAsync(Cancellation).AsTask();
            await program.ConnectAsync(listener.LocalEndPoint!, Cancellation);
            await program.SendAsync("early"u8.ToArray(), Cancellation);
            using Socket server = await accepting.WaitAsync(Soon, Cancellation);
            Assert.AreEqual("early", await SomeAsync(server));
            await server.SendAsync("answer"u8.ToArray(), Cancellation);
            Assert.AreEqual("answer", await SomeAsync(program));
        }
    }

    [TestMethod]
    public async Task A_keep_alive_of_the_program_is_answered()
    {
        (Socket program, Socket server) = await ConnectAsync();
        using (program)
        using (server)
        {
            program.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            program.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 1);
            program.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 1);
            program.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 2);
            await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, Cancellation);
            await server.SendAsync("alive"u8.ToArray(), Cancellation);
            Assert.AreEqual("alive", await SomeAsync(program));
        }
    }

    private static bool TryUrgent(Socket socket, byte[] urgent)
    {
        try
        {
            return socket.Receive(urgent, SocketFlags.OutOfBand) == 1;
        }
        catch (SocketException)
        {
            return false; // not yet
        }
    }

    /// <summary>To which port of the firewall the flow goes.</summary>
    private async Task<int> InsidePortAsync(IPEndPoint program)
    {
        CommandResult sockets = (await Road.Network.Firewall.RunAsync("ss", ["-Htn", "state", "established", "dst", $"{program.Address}:{program.Port}"], cancellation: Cancellation)).OrThrow();
        string local = sockets.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Single().Split(' ', StringSplitOptions.RemoveEmptyEntries)[2];
        return int.Parse(local[(local.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
    }
}
