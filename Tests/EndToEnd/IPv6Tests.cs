using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Servers;
using FwRedirect.Tests.Redirector.Diversion.Linux;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>
/// Client, firewall and servers have IPv6, and nobody forwards it: flows of IPv6 go through fwhost as those of IPv4 do. The firewall counts what comes from the client and is for outside: nothing.
/// </summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
[SupportedOSPlatform("linux")]
public sealed class IPv6Tests : SharedLab<IPv6Tests>
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(2);

    protected override LabIPv6 IPv6 => LabIPv6.Firewall;

    protected override void NeedPrograms() => NeedServices();

    protected override async Task PrepareAsync() =>
        (await Road.Network.Firewall.RunAsync("ip6tables", ["-t", "raw", "-A", "PREROUTING", "-i", "inside", "-d", LabAddresses.OutsideNetworkV6], cancellation: Cancellation)).OrThrow();

    [TestCleanup]
    public async Task NothingLeaked()
    {
        // Where a test has changed the way to the firewall, the next finds it as it was.
        await Until.TrueAsync(async () => (await CurlAsync(Road, "-6", $"http://[{LabAddresses.ServerV6}]/")).ExitCode == 0, () => "IPv6 is not carried any more", Cancellation);
        CommandResult rules = await Road.Network.Firewall.RunAsync("ip6tables", ["-t", "raw", "-L", "PREROUTING", "-v", "-x", "-n"], cancellation: Cancellation);
        Assert.AreEqual(0, long.Parse(rules.OrThrow().Output.Split('\n')[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture));
    }

    /// <summary>curl prefers IPv6 where a name has both (RFC 6724).</summary>
    [TestMethod]
    [DataRow("-6 http://[2001:db8:2::21]/", DisplayName = "by address")]
    [DataRow("-6 http://v6.contoso.com/", DisplayName = "by a name of IPv6 alone")]
    [DataRow("-6 http://www.contoso.com/", DisplayName = "by a name of both")]
    [DataRow("http://www.contoso.com/", DisplayName = "by a name of both, as the program likes")]
    public async Task A_page_crosses_the_firewall_over_IPv6(string arguments)
    {
        CommandResult page = await CurlAsync(Road, [.. arguments.Split(' '), "--write-out", "%{remote_ip}"]);
        Assert.AreEqual($"{WebServer.IndexText}{LabAddresses.ServerV6}", page.OrThrow().Output);
        StringAssert.StartsWith((await CurlAsync(Road, [.. $"{arguments}address".Split(' ')])).OrThrow().Output, $"{LabAddresses.FirewallOutsideV6}:");
    }

    [TestMethod]
    public async Task IPv4_goes_on_beside_it()
    {
        Assert.AreEqual(WebServer.IndexText, (await CurlAsync(Road, "-4", "http://www.contoso.com/")).OrThrow().Output);
        StringAssert.StartsWith((await CurlAsync(Road, "-4", "http://www.contoso.com/address")).OrThrow().Output, $"{LabAddresses.FirewallOutside}:");
    }

    /// <summary>The address of IPv6 leads nowhere, and the firewall knows at once: the program goes on with IPv4 (RFC 8305).</summary>
    [TestMethod]
    public async Task A_program_with_two_addresses_takes_the_one_that_works()
    {
        long started = Stopwatch.GetTimestamp();
        CommandResult page = await CurlAsync(Road, "--resolve", $"both.example:80:[{LabAddresses.UnreachableV6}],{LabAddresses.Server}", "http://both.example/");
        Assert.AreEqual(WebServer.IndexText, page.OrThrow().Output);
        Assert.IsLessThan(AtOnce, Stopwatch.GetElapsedTime(started));
    }

    [TestMethod]
    [DataRow("v6.contoso.com AAAA", "2001:db8:2::21\n")]
    [DataRow("www.contoso.com AAAA", "2001:db8:2::21\n")]
    [DataRow("www.contoso.com AAAA @2001:db8:2::2", "2001:db8:2::21\n")]
    [DataRow("www.contoso.com A @2001:db8:2::2", "131.107.0.21\n")]
    [DataRow("+tcp www.contoso.com A @2001:db8:2::2", "131.107.0.21\n")]
    [DataRow("+tcp www.contoso.com AAAA @2001:db8:2::2", "2001:db8:2::21\n")]
    [DataRow("+tcp www.contoso.com AAAA @131.107.0.2", "2001:db8:2::21\n")]
    [DataRow("contoso.com MX @2001:db8:2::2", "10 mail.contoso.com.\n")]
    [DataRow("-x 2001:db8:2::21", "ftp.contoso.com.\n")]
    public async Task Names_are_answered(string question, string expected)
    {
        CommandResult answer = await Road.Network.Client.RunAsync("dig", ["+short", "+time=10", "+tries=1", .. question.Split(' ')], cancellation: Cancellation);
        CollectionAssert.AreEqual(expected.Split('\n'), answer.OrThrow().Output.Split('\n'), $"{answer.Output}");
    }

    [TestMethod]
    [DataRow("2001:db8:2::21", 9, SocketError.ConnectionRefused, 2, DisplayName = "refused")]
    [DataRow("2001:db8:2::99", 80, SocketError.HostUnreachable, 2, DisplayName = "unreachable")]
    [DataRow("2001:db8:2::77", 80, SocketError.HostUnreachable, 6, DisplayName = "nobody has the address")]
    [DataRow("2001:db8:77::1", 80, SocketError.NetworkUnreachable, 2, DisplayName = "no route")]
    [DataRow("2001:db8:2::19", 80, SocketError.AccessDenied, 2, DisplayName = "denied by the rules")]
    public async Task What_the_firewall_says_reaches_the_program_as_what_it_is(string address, int port, SocketError expected, int seconds)
    {
        using Socket socket = NamespacePair.Run(Road.Network.Client.Name, () => new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp));
        long started = Stopwatch.GetTimestamp();
        SocketException failure = await Assert.ThrowsExactlyAsync<SocketException>(() => socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(address), port), Cancellation).AsTask());
        Assert.AreEqual(expected, failure.SocketErrorCode);
        Assert.IsLessThan(TimeSpan.FromSeconds(seconds), Stopwatch.GetElapsedTime(started));
    }

    [TestMethod]
    public async Task Large_files_arrive_whole_both_ways()
    {
        await UploadAsync("large", 40_000_000);
    }

    /// <summary>And fetches it again. A way that has just changed is found again at once, or after half a second.</summary>
    private async Task UploadAsync(string name, int size)
    {
        await Until.TrueAsync(async () => (await CurlAsync(Road, "-6", $"http://[{LabAddresses.ServerV6}]/")).ExitCode == 0, () => "IPv6 is not carried", Cancellation);
        string here = Path.Combine(Road.Network.Folder, name);
        byte[] content = RandomNumberGenerator.GetBytes(size);
        await File.WriteAllBytesAsync(here, content, Cancellation);
        (await CurlAsync(Road, "-6", "-T", here, $"http://[{LabAddresses.ServerV6}]/upload/{name}")).OrThrow();
        (await CurlAsync(Road, "-6", "-o", $"{here}.back", $"http://[{LabAddresses.ServerV6}]/upload/{name}")).OrThrow();
        CollectionAssert.AreEqual(SHA256.HashData(content), SHA256.HashData(await File.ReadAllBytesAsync($"{here}.back", Cancellation)));
    }

    /// <summary>"Packet too big" of a router between client and firewall speaks of packets that only it and we have seen.</summary>
    [TestMethod]
    public async Task A_narrow_way_to_the_firewall_is_told_by_a_router()
    {
        await using var router = await NarrowRouter.InsertAsync(Road.Network, mtu: 1300, Cancellation);
        await UploadAsync("by-a-router", 2_000_000);
        string[] counters = (await router.RunAsync("cat", ["/proc/net/snmp6"], Cancellation)).OrThrow().Output.Split('\n');
        string told = counters.Single(line => line.StartsWith("Icmp6OutPktTooBigs", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1].Trim();
        Assert.AreNotEqual("0", told, "the router has said nothing: the test shows nothing");
    }

    /// <summary>The client's own kernel finds out: the segments have another destination by then.</summary>
    [TestMethod]
    public async Task A_narrow_way_to_the_firewall_is_found_by_the_clients_kernel()
    {
        string[] route = ["-6", "route", "replace", $"{LabAddresses.FirewallInsideV6}/128", "dev", "inside", "src", LabAddresses.ClientV6, "mtu", "lock", "1280"];
        (await Road.Network.Client.RunAsync("ip", route, cancellation: Cancellation)).OrThrow();
        try
        {
            await UploadAsync("by-the-kernel", 2_000_000);
        }
        finally
        {
            (await Road.Network.Client.RunAsync("ip", ["-6", "route", "del", $"{LabAddresses.FirewallInsideV6}/128"], cancellation: Cancellation)).OrThrow();
        }
    }

    [TestMethod]
    public async Task Ssh_works()
    {
        LabNetwork network = Road.Network;
        CommandResult result = await network.Client.RunAsync(
            "ssh",
            [
                "-6", "-i", SshServer.ClientKey(network), "-o", $"UserKnownHostsFile={SshServer.KnownHosts(network)}", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20",
                $"{SshServer.User}@{LabAddresses.ServerV6}", "echo $SSH_CONNECTION",
            ],
            cancellation: Cancellation);
        StringAssert.StartsWith(result.OrThrow().Output, $"{LabAddresses.FirewallOutsideV6} ");
    }

    /// <summary>A socket of both versions on its way to IPv4 is one of IPv4 (RFC 4291, 2.5.5.2).</summary>
    [TestMethod]
    [DataRow("::ffff:131.107.0.21", "131.107.0.19")]
    [DataRow("2001:db8:2::21", "2001:db8:2::19")]
    public async Task A_socket_of_both_versions_goes_by_the_version_of_its_peer(string address, string seenAs)
    {
        const string Program = """
            import socket, sys
            s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
            s.settimeout(20)
            s.connect((sys.argv[1], 80))
            s.sendall(b'GET /address HTTP/1.0\r\n\r\n')
            print(s.makefile().read().split('\n')[-2])
            """;
        CommandResult result = await Road.Network.Client.RunAsync("python3", ["-c", Program, address], cancellation: Cancellation);
        StringAssert.StartsWith(result.OrThrow().Output, $"{seenAs}:");
    }
}
