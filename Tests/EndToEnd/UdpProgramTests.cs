using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Unmodified programs that speak UDP, on a client without a route. One lab for all.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed partial class UdpProgramTests : SharedLab<UdpProgramTests>
{
    [TestMethod]
    [DataRow(1, 200, DisplayName = "one byte")]
    [DataRow(1400, 200, DisplayName = "a frame")]
    [DataRow(0, 3, DisplayName = "nothing at all")]
    [DataRow(60_000, 20, DisplayName = "60,000 bytes, in fragments")]
    public async Task Datagrams_come_back_unchanged_from_whom_they_were_sent_to(int size, int count) =>
        Assert.AreEqual($"{count} datagrams of {size} bytes came back\n", (await EchoAsync("--size", $"{size}", "--count", $"{count}")).Output);

    /// <summary>QUIC programs hand the system many datagrams in one piece.</summary>
    [TestMethod]
    public async Task What_the_system_cuts_into_datagrams_comes_back_whole() =>
        Assert.AreEqual("100 datagrams of 11500 bytes came back\n", (await EchoAsync("--size", "11500", "--segment", "1200", "--count", "100")).Output);

    [TestMethod]
    public async Task Tftp_fetches_and_stores_a_file()
    {
        await using LabProcess server = await TrivialFtpServer.StartAsync(Road.Network, Cancellation);
        string fetched = Path.Combine(Road.Network.Folder, "fetched.img");
        (await TftpAsync("get", TrivialFtpServer.FileName, fetched)).OrThrow();
        byte[] original = await File.ReadAllBytesAsync(Path.Combine(TrivialFtpServer.Folder(Road.Network), TrivialFtpServer.FileName), Cancellation);
        CollectionAssert.AreEqual(original, await File.ReadAllBytesAsync(fetched, Cancellation));
        (await TftpAsync("put", fetched, "stored.img")).OrThrow();
        CollectionAssert.AreEqual(original, await File.ReadAllBytesAsync(Path.Combine(TrivialFtpServer.Folder(Road.Network), "stored.img"), Cancellation));
    }

    /// <summary>The second read of a connected socket says what ICMP said of the first write.</summary>
    [TestMethod]
    public async Task A_refused_port_is_refused_at_once()
    {
        CommandResult result = await Road.Network.Client.RunAsync(
            "bash", ["-c", $"exec 3<>/dev/udp/{LabAddresses.Server}/{LabAddresses.ClosedPort}; echo x >&3; read -t 3 -u 3"], cancellation: Cancellation);
        Assert.Contains("Connection refused", result.Error);
        Assert.IsLessThan(TimeSpan.FromSeconds(2), result.Elapsed);
    }

    /// <summary>RFC 5780: one outside port, whatever the peer, and the program's own; datagrams of an address that was not sent to are kept out.</summary>
    [TestMethod]
    public async Task Stun_finds_endpoint_independent_mapping_and_the_programs_own_port()
    {
        await using LabProcess server = await StunServer.StartAsync(Road.Network, Cancellation);
        CommandResult mapping = (await RunAsync("turnutils_natdiscovery", "-m", LabAddresses.Server)).OrThrow();
        Assert.Contains("NAT with Endpoint Independent Mapping!", mapping.Output);
        Assert.Contains($"UDP reflexive addr: {(Mode == LabMode.Routed ? LabAddresses.Client : LabAddresses.FirewallOutside)}:", mapping.Output);
        string[] ports = [.. Ports().Matches(mapping.Output).Select(match => match.Groups["port"].Value).Distinct()];
        Assert.HasCount(1, ports, $"the reflexive and the local port are not one: {mapping.Output}");
        if (Mode == LabMode.Redirected)
            Assert.DoesNotContain("Endpoint Independent Filtering", (await RunAsync("turnutils_natdiscovery", "-f", LabAddresses.Server)).Output);
    }

    [TestMethod]
    public async Task Ntp_tells_the_time()
    {
        await using LabProcess server = await TimeServer.StartAsync(Road.Network, Cancellation);
        CommandResult result = (await RunAsync("ntpdig", "-j", LabAddresses.Server)).OrThrow();
        JsonElement answer = JsonDocument.Parse(result.Output).RootElement;
        Assert.AreEqual(LabAddresses.Server, answer.GetProperty("ip").GetString());
        // One clock stands behind both ends.
        Assert.IsLessThan(1.0, Math.Abs(answer.GetProperty("offset").GetDouble()));
    }

    /// <summary>ngtcp2's client: no TCP to fall back to.</summary>
    [TestMethod]
    public async Task Http3_fetches_five_megabytes()
    {
        await using LabProcess server = await QuicServer.StartAsync(Road.Network, Cancellation);
        string folder = Directory.CreateDirectory(Path.Combine(Road.Network.Folder, "downloads")).FullName;
        string url = $"https://{LabAddresses.ServerName}/{QuicServer.FileName}";
        CommandResult result = await RunAsync("gtlsclient", "-q", "--exit-on-all-streams-close", "--download", folder, LabAddresses.ServerName, $"{QuicServer.Port}", url);
        result.OrThrow();
        CollectionAssert.AreEqual(
            await File.ReadAllBytesAsync(QuicServer.File(Road.Network), Cancellation), await File.ReadAllBytesAsync(Path.Combine(folder, QuicServer.FileName), Cancellation));
    }

    /// <summary>The call by SIP, and then eight seconds of speech by RTP between two further ports.</summary>
    [TestMethod]
    public async Task Sip_calls_speak_and_hang_up()
    {
        await using LabProcess server = await SipServer.StartAsync(Road.Network, Cancellation);
        // sipp looks for the speech that it plays in pcap/ of its folder.
        string folder = Path.Combine(Road.Network.Folder, "sip");
        Directory.CreateDirectory(folder);
        if (!Directory.Exists(Path.Combine(folder, "pcap"))) Directory.CreateSymbolicLink(Path.Combine(folder, "pcap"), "/usr/share/sip-tester");
        string script = $"cd {folder} && sipp -sn uac_pcap {LabAddresses.Server}:5060 -i {LabAddresses.Client} -m 1 -nostdin -timeout 30";
        (await RunAsync("bash", "-c", script)).OrThrow();
        if (Mode != LabMode.Redirected) return;
        // Signalling and speech are flows of one program, each counted both ways.
        string[] flows = [.. await LogOfAsync("sipp UDP from", 2)];
        Assert.IsTrue(flows.Any(line => BytesBack(line) > 10_000), $"no speech came back: {string.Join('\n', flows)}");
    }

    /// <summary>Loss is measured; on a machine that is busy with other things some is not the road's fault.</summary>
    [TestMethod]
    [DataRow(false, DisplayName = "up")]
    [DataRow(true, DisplayName = "down")]
    public async Task Iperf3_loses_little_at_twenty_megabits(bool down)
    {
        const double MostLost = 5;
        string[] direction = down ? ["--reverse"] : [];
        CommandResult result = (await RunAsync(
            "iperf3", ["--client", LabAddresses.Server, "--udp", "--bitrate", "20M", "--length", "1200", "--time", "3", "--json", .. direction])).OrThrow();
        JsonElement sum = JsonDocument.Parse(result.Output).RootElement.GetProperty("end").GetProperty("sum");
        (int packets, double lost) = (sum.GetProperty("packets").GetInt32(), sum.GetProperty("lost_percent").GetDouble());
        TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{packets} datagrams, {lost:F2} % lost"));
        Assert.IsGreaterThan(5_000, packets);
        Assert.IsLessThan(MostLost, lost);
    }

    [TestMethod]
    public async Task Two_hundred_sockets_leave_nothing_behind()
    {
        NeedServices();
        await EchoAsync("--count", "200", "--new-sockets");
        string[] left = [];
        await Until.TrueAsync(async () => (left = await OutsideSocketsAsync()).Length == 0, () => $"the firewall still has UDP sockets: {string.Join('\n', left)}", Cancellation);
        string queues = await File.ReadAllTextAsync($"/proc/{Road.Redirector!.Id}/net/netfilter/nfnetlink_queue", Cancellation);
        foreach (string queue in queues.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.AreEqual("0", queue.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2], $"packets wait in a queue: {queues}");
    }

    /// <summary>Socket, one datagram, close: whose it was is known all the same, and it arrives.</summary>
    [TestMethod]
    [DataRow("one", "for (1 .. 200) { socket(my $s, PF_INET, SOCK_DGRAM, 0); send $s, $_, 0, $to; close $s }", DisplayName = "200 sockets of one process")]
    [DataRow("linked", "for (1 .. 200) { socket(my $s, PF_INET, SOCK_DGRAM, 0); connect $s, $to; send $s, $_, 0; close $s }", DisplayName = "200 connected ones")]
    [DataRow("many", "for (1 .. 200) { if (!fork) { socket(my $s, PF_INET, SOCK_DGRAM, 0); send $s, $_, 0, $to; exit } } 1 while wait > 0;", DisplayName = "200 processes")]
    public async Task Two_hundred_senders_that_do_not_wait_are_known_and_heard(string name, string script)
    {
        NeedServices();
        string file = Path.Combine(Road.Network.Folder, $"sender-{name}");
        File.Copy("/usr/bin/perl", file);
        if (OperatingSystem.IsLinux()) File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
        const int Port = 9_999;
        await using LabProcess server = Road.Network.Outside.Start(
            $"heard-{name}", new LabCommand("perl", "-MSocket", "-E", $"$| = 1; socket(my $s, PF_INET, SOCK_DGRAM, 0); bind $s, sockaddr_in({Port}, INADDR_ANY); say 'ready'; while (1) {{ recv $s, my $b, 100, 0; say $b }}"));
        await server.WaitForLineAsync(line => line == "ready", TimeSpan.FromSeconds(10), Cancellation);
        (await RunAsync(file, "-MSocket", "-E", $"my $to = sockaddr_in({Port}, inet_aton('{LabAddresses.Server}')); {script}")).OrThrow();
        await Until.TrueAsync(
            () => Task.FromResult(server.Lines.Skip(1).Distinct().Count() == 200), () => $"of 200 datagrams {server.Lines.Skip(1).Distinct().Count()} were heard", Cancellation);
        // A few may have got the port of one before, and are that one's peer then.
        await LogOfAsync($"sender-{name} sends UDP from", 190);
        Assert.IsFalse(Road.Redirector!.Lines.Any(line => line.Contains("unknown sends UDP", StringComparison.Ordinal)));
    }

    /// <summary>The next program with the port of one that is gone begins anew: the firewall sees the second one's name.</summary>
    [TestMethod]
    public async Task A_port_is_not_inherited()
    {
        NeedServices();
        foreach (string program in new[] { "first", "second" })
        {
            string file = Path.Combine(Road.Network.Folder, program);
            File.Copy("/usr/bin/socat", file);
            if (OperatingSystem.IsLinux()) File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
            CommandResult result = (await Road.Network.Client.RunAsync(
                file, ["-t", "2", "-", $"UDP4:{LabAddresses.Server}:{LabAddresses.EchoPort},sourceport=4242"], program, cancellation: Cancellation)).OrThrow();
            Assert.AreEqual(program, result.Output);
            await LogOfAsync($"{program} sends UDP from {LabAddresses.Client}:4242", 1);
        }
    }

    /// <summary>A socket that outlives the firewall's service is bound anew by what its program sends next.</summary>
    [TestMethod]
    public async Task A_socket_outlives_the_firewalls_service()
    {
        NeedServices();
        const string Script = """
            exec 3<>/dev/udp/$0/7
            ask() { for i in {1..40}; do echo $1 >&3; [ "$(timeout 0.5 dd bs=100 count=1 <&3 2>/dev/null)" = $1 ] && echo $1 && return; done; }
            ask before
            read -t 30
            ask after
            """;
        await using LabProcess program = Road.Network.Client.Start("talker", new LabCommand("bash", "-c", $"mkfifo {Go}; exec 0<>{Go}; {Script}", LabAddresses.Server));
        await program.WaitForLineAsync(line => line == "before", TimeSpan.FromSeconds(15), Cancellation);
        await Road.KillFirewallAsync();
        await Road.StartFirewallAsync(Cancellation);
        await File.WriteAllTextAsync(Go, "go\n", Cancellation);
        await program.WaitForLineAsync(line => line == "after", TimeSpan.FromSeconds(40), Cancellation);
    }

    private async Task<CommandResult> EchoAsync(params string[] options)
    {
        string[] arguments = ["datagrams", "--to", $"{LabAddresses.Server}:{LabAddresses.EchoPort}", .. options];
        return (await Road.Network.Client.RunAsync(Executables.Lab, arguments, cancellation: Cancellation)).OrThrow();
    }

    private Task<CommandResult> TftpAsync(string verb, string from, string to) =>
        Road.Network.Client.RunAsync("tftp", ["-m", "binary", LabAddresses.Server, "-c", verb, from, to], cancellation: Cancellation);

    private static string Go => Path.Combine(Road.Network.Folder, "go");

    private Task<CommandResult> RunAsync(string program, params string[] arguments) => Road.Network.Client.RunAsync(program, arguments, cancellation: Cancellation);

    private async Task<string[]> OutsideSocketsAsync() =>
        (await Road.Network.Firewall.RunAsync("ss", ["-Hnua", "src", LabAddresses.FirewallOutside], cancellation: Cancellation)).OrThrow().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The lines of fwredirect's log with a text, once there are so many.</summary>
    private async Task<IReadOnlyList<string>> LogOfAsync(string text, int count)
    {
        string[] lines = [];
        await Until.TrueAsync(
            () => Task.FromResult((lines = [.. Road.Redirector!.Lines.Where(line => line.Contains(text, StringComparison.Ordinal))]).Length >= count),
            () => $"fwredirect's log has no {count} lines with '{text}'", Cancellation);
        return lines;
    }

    private static long BytesBack(string line) => long.Parse(line.Split("bytes out, ")[1].Split(' ')[0], CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(reflexive addr|Local addr: ): .*:(?<port>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ports();
}
