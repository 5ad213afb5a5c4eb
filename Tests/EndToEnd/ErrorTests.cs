using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Tests.Redirector.Diversion.Linux;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>The table "What the program sees" of Redirector/README.md, row by row: the error that connect() or recv() returns, and how long it takes.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
[SupportedOSPlatform("linux")]
public sealed class ErrorTests : LabTest
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(2);

    private LabRoad? _road;

    [TestCleanup]
    public async Task CloseRoad()
    {
        if (_road is null)
            return;
        if (TestContext.CurrentTestOutcome != UnitTestOutcome.Passed)
            TestContext.WriteLine(_road.Log());
        await _road.DisposeAsync();
    }

    /// <summary>What the firewall says of servers outside: one road for all of them.</summary>
    [TestMethod]
    public async Task What_the_firewall_says_reaches_the_program_as_what_it_is()
    {
        NeedServices();
        await OpenAsync();
        await ExpectAsync("refused", LabAddresses.Server, LabAddresses.ClosedPort, SocketError.ConnectionRefused, AtOnce);
        await ExpectAsync("host unreachable", LabAddresses.Unreachable, 80, SocketError.HostUnreachable, AtOnce);
        await ExpectAsync("nobody has the address", "131.107.0.77", 80, SocketError.HostUnreachable, TimeSpan.FromSeconds(6));
        await ExpectAsync("no route", "198.51.100.7", 80, SocketError.NetworkUnreachable, AtOnce);
        await ExpectAsync("denied by the rules", LabAddresses.FirewallOutside, 80, SocketError.HostUnreachable, AtOnce);
    }

    /// <summary>The server's machine drops the SYNs; the program's stack gives up in its own time, here after four SYNs (15 s; six are the default).</summary>
    [TestMethod]
    public async Task A_silent_server_is_a_time_out_of_the_programs_own_stack()
    {
        NeedServices();
        await OpenAsync();
        (await Road.Network.Outside.RunAsync("iptables", ["-A", "INPUT", "-p", "tcp", "--dport", "81", "-j", "DROP"], cancellation: Cancellation)).OrThrow();
        (await Road.Network.Client.RunAsync("sysctl", ["-q", "-w", "net.ipv4.tcp_syn_retries=3"], cancellation: Cancellation)).OrThrow();
        TimeSpan taken = await ExpectAsync("silent", LabAddresses.Server, 81, SocketError.TimedOut, TimeSpan.FromSeconds(25));
        Assert.IsGreaterThan(TimeSpan.FromSeconds(11), taken);
    }

    [TestMethod]
    public async Task A_firewall_that_does_not_run_is_no_network()
    {
        NeedServices();
        await OpenAsync();
        await Road.KillFirewallAsync();
        await ExpectAsync("killed", LabAddresses.Server, 80, SocketError.NetworkUnreachable, AtOnce);
    }

    [TestMethod]
    public async Task A_firewall_that_does_not_answer_is_no_network()
    {
        NeedServices();
        await OpenAsync();
        (await Road.Network.Firewall.RunAsync("iptables", ["-A", "INPUT", "-i", "inside", "-j", "DROP"], cancellation: Cancellation)).OrThrow();
        await ExpectAsync("silent firewall", LabAddresses.Server, 80, SocketError.NetworkUnreachable, TimeSpan.FromSeconds(3));
    }

    [TestMethod]
    public async Task A_refused_logon_is_prohibited()
    {
        NeedServices();
        await OpenAsync(password: "not-the-password");
        await ExpectAsync("logon", LabAddresses.Server, 80, SocketError.HostUnreachable, TimeSpan.FromSeconds(6));
    }

    /// <summary>A connection that stands when the firewall's program is killed is reset at once, and not ended as if all had been said.</summary>
    [TestMethod]
    public async Task A_connection_of_a_killed_firewall_is_reset()
    {
        NeedServices();
        await OpenAsync();
        using Socket socket = Make();
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(LabAddresses.Server), LabAddresses.EchoPort), Cancellation);
        await socket.SendAsync("x"u8.ToArray(), Cancellation);
        Assert.AreEqual(1, await socket.ReceiveAsync(new byte[10], Cancellation));
        long started = Stopwatch.GetTimestamp();
        await Road.KillFirewallAsync();
        SocketException failure = await Assert.ThrowsExactlyAsync<SocketException>(() => socket.ReceiveAsync(new byte[10], Cancellation).AsTask());
        Assert.AreEqual(SocketError.ConnectionReset, failure.SocketErrorCode);
        Assert.IsLessThan(AtOnce, Stopwatch.GetElapsedTime(started));
    }

    private LabRoad Road => _road!;

    private async Task OpenAsync(string? password = null) => _road = await LabRoad.OpenAsync(Mode, password, cancellation: Cancellation);

    private Socket Make() => NamespacePair.Run(Road.Network.Client.Name, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));

    private async Task<TimeSpan> ExpectAsync(string what, string address, int port, SocketError expected, TimeSpan most)
    {
        using Socket socket = Make();
        long started = Stopwatch.GetTimestamp();
        SocketException failure = await Assert.ThrowsExactlyAsync<SocketException>(
            () => socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(address), port), Cancellation).AsTask());
        TimeSpan taken = Stopwatch.GetElapsedTime(started);
        TestContext.WriteLine($"{what}: {failure.SocketErrorCode} after {taken.TotalSeconds:F2} s");
        Assert.AreEqual(expected, failure.SocketErrorCode, what);
        Assert.IsLessThan(most, taken, what);
        return taken;
    }
}
