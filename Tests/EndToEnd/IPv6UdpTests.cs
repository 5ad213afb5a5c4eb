using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>UDP and pings of IPv6 through the firewall, by unmodified programs.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class IPv6UdpTests : SharedLab<IPv6UdpTests>
{
    protected override LabIPv6 IPv6 => LabIPv6.Firewall;

    protected override void NeedPrograms() => NeedServices();

    [TestMethod]
    [DataRow(1)]
    [DataRow(1200)]
    [DataRow(8_000, DisplayName = "in fragments")]
    public async Task Datagrams_come_back_from_whom_they_were_sent_to(int size)
    {
        const string Program = """
            import os, socket, sys
            size = int(sys.argv[2])
            s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            s.settimeout(10)
            for i in range(50):
                data = os.urandom(size)
                s.sendto(data, (sys.argv[1], 7))
                back, peer = s.recvfrom(65535)
                assert back == data and peer[:2] == (sys.argv[1], 7), peer
            print('all', peer[0])
            """;
        await using LabProcess server = Road.Network.Outside.Start("udp-echo", new LabCommand("python3", "-c", EchoProgram, LabAddresses.ServerV6));
        await server.WaitForLineAsync(line => line.Contains("ready", StringComparison.Ordinal), TimeSpan.FromSeconds(10), Cancellation);
        CommandResult result = await Road.Network.Client.RunAsync("python3", ["-c", Program, LabAddresses.ServerV6, $"{size}"], cancellation: Cancellation);
        Assert.AreEqual($"all {LabAddresses.ServerV6}\n", result.OrThrow().Output);
    }

    [TestMethod]
    public async Task A_refused_port_is_refused_at_once()
    {
        CommandResult result = await Road.Network.Client.RunAsync(
            "bash", ["-c", $"exec 3<>/dev/udp/{LabAddresses.ServerV6}/{LabAddresses.ClosedPort}; echo x >&3; read -t 3 -u 3"], cancellation: Cancellation);
        Assert.Contains("Connection refused", result.Error);
        Assert.IsLessThan(TimeSpan.FromSeconds(2), result.Elapsed);
    }

    [TestMethod]
    [DataRow(LabAddresses.ServerV6, 0, "3 received, 0% packet loss")]
    [DataRow("v6.contoso.com", 0, "3 received, 0% packet loss")]
    [DataRow(LabAddresses.FirewallOutsideV6, 1, "Administratively prohibited")]
    [DataRow(LabAddresses.UnreachableV6, 1, "Address unreachable")]
    [DataRow("2001:db8:77::1", 1, "No route")]
    public async Task Ping_is_answered_as_without_us(string destination, int exitCode, string says)
    {
        CommandResult result = await Road.Network.Client.RunAsync("ping", ["-6", "-n", "-c", "3", "-i", "0.2", "-W", "3", destination], cancellation: Cancellation);
        Assert.AreEqual(exitCode, result.ExitCode, $"{result.Output}\n{result.Error}");
        Assert.Contains(says, result.Output);
        Assert.IsLessThan(TimeSpan.FromSeconds(8), result.Elapsed);
    }

    private const string EchoProgram = """
        import socket, sys
        s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        s.bind((sys.argv[1], 7))
        print('ready', flush=True)
        while True:
            data, peer = s.recvfrom(65535)
            s.sendto(data, peer)
        """;
}
