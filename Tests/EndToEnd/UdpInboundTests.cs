using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>UDP servers inside that are reached from outside, by the settings for bound UDP sockets. One lab for all; its firewall lets in, unasked, whom a program has sent to.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class UdpInboundTests : SharedLab<UdpInboundTests>
{
    private const int OldPort = 7701;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    private static LabProcess? _older;

    protected override void NeedPrograms() => NeedServices();

    protected override async Task PrepareAsync()
    {
        await Road.Redirector!.StopAsync();
        // Older than the redirector: nobody tells of its bind().
        _older = Road.Network.Client.Start("socat-older", Echo(OldPort));
        await Road.StartRedirectorAsync(Cancellation);
        await ApplicationSettings.UseAsync(
            Road,
            new JsonObject
            {
                ["socat"] = new JsonObject { ["ServerBindUdpPorts"] = "7700-7749" },
                ["in.tftpd"] = new JsonObject { ["ServerBindUdpPorts"] = "69" },
                ["iperf3"] = new JsonObject { ["ServerBindTcpPorts"] = "5201", ["ServerBindUdpPorts"] = "5201" },
                ["perl"] = new JsonObject { ["ServerBindUdpPorts"] = "7800-7849", ["RemoteBindUdpPorts"] = "7850-7899" },
            },
            Cancellation);
    }

    [ClassCleanup]
    public static async Task CloseOlder()
    {
        if (_older is not null) await _older.DisposeAsync();
        _older = null;
    }

    [TestMethod]
    public async Task A_server_is_reached_at_its_own_port_and_sees_its_true_peer()
    {
        await using LabProcess server = Road.Network.Client.Start("socat-server", Echo(7700, "system:'echo I see $SOCAT_PEERADDR $SOCAT_PEERPORT; cat'"));
        JsonNode binding = await BindingAsync(7700, "Listening");
        Assert.AreEqual(("UDP", $"{LabAddresses.FirewallOutside}:7700"), ((string?)binding["protocol"], (string?)binding["outside"]));
        Assert.AreEqual($"I see {LabAddresses.Server} 40123\nhello\n", await AskAsync(7700, "hello", 40123));
        // The next peer is another one, and the server has no word for the port of the first.
        Assert.AreEqual($"I see {LabAddresses.Server} 40124\nhello\n", await AskAsync(7700, "hello", 40124));
    }

    [TestMethod]
    public async Task A_server_that_is_older_than_the_service_is_found()
    {
        await BindingAsync(OldPort, "Listening");
        Assert.AreEqual("from outside\n", await AskAsync(OldPort, "from outside"));
    }

    /// <summary>RemoteBind: its port is there at once, for those alone to whom it sends.</summary>
    [TestMethod]
    public async Task A_remote_socket_hears_only_whom_it_has_sent_to()
    {
        const string Hear = "recv $s, my $heard, 100, 0; print $heard;";
        await using LabProcess program = Road.Network.Client.Start(
            "perl", Perl(7850, $"my $word = <STDIN>; send $s, 'hi', 0, sockaddr_in({LabAddresses.ClosedPort}, inet_aton('{LabAddresses.Server}')); while (1) {{ {Hear} }}", GoFile));
        JsonNode binding = await BindingAsync(7850, "Bound");
        Assert.AreEqual($"{LabAddresses.FirewallOutside}:7850", (string?)binding["outside"]);
        await AskAsync(7850, "unasked");
        // Its own datagram to that address opens the way for any port there (UdpFiltering AddressDependent).
        await File.WriteAllTextAsync(GoFile, "go\n", Cancellation);
        await UntilAsync(async () =>
        {
            await AskAsync(7850, "news");
            return program.Lines.Contains("news");
        }, "what its peer's address sends reaches it");
        Assert.DoesNotContain("unasked", program.Lines);
    }

    [TestMethod]
    public async Task A_tftp_server_inside_serves_a_file_from_a_port_of_its_own()
    {
        string folder = Directory.CreateDirectory(Path.Combine(Road.Network.Folder, "tftp-inside")).FullName;
        byte[] original = new byte[300_000];
        new Random(8).NextBytes(original);
        await File.WriteAllBytesAsync(Path.Combine(folder, "inside.img"), original, Cancellation);
        if (OperatingSystem.IsLinux()) File.SetUnixFileMode(Path.Combine(folder, "inside.img"), (UnixFileMode)0b110_100_100);
        await using LabProcess server = Road.Network.Client.Start(
            "tftpd-inside", new LabCommand("in.tftpd", "--foreground", "--secure", "--ipv4", "--user", "root", "--address", "0.0.0.0:69", folder));
        await BindingAsync(69, "Listening");
        string fetched = Path.Combine(Road.Network.Folder, "tftp-fetched.img");
        // Its data comes from a port that the client has not sent to, from a socket of its own that the firewall has to give another outside port.
        (await Road.Network.Outside.RunAsync("tftp", ["-m", "binary", LabAddresses.FirewallOutside, "-c", "get", "inside.img", fetched], cancellation: Cancellation)).OrThrow();
        CollectionAssert.AreEqual(original, await File.ReadAllBytesAsync(fetched, Cancellation));
        await server.StopAsync();
        await NoBindingAsync(69);
    }

    /// <summary>Control by TCP, data by UDP, on one port.</summary>
    [TestMethod]
    public async Task An_iperf3_server_inside_is_measured_by_udp()
    {
        await using LabProcess server = Road.Network.Client.Start("iperf3-inside", new LabCommand("iperf3", "--server", "--one-off"));
        // Its UDP socket is made for the measurement, while the client waits for the word to begin (ListenHold).
        await BindingAsync(5201, "Listening", "TCP");
        CommandResult result = (await Road.Network.Outside.RunAsync(
            "iperf3", ["--client", LabAddresses.FirewallOutside, "--udp", "--bitrate", "5M", "--length", "1200", "--time", "2", "--json"], cancellation: Cancellation)).OrThrow();
        JsonNode sum = JsonNode.Parse(result.Output)!["end"]!["sum"]!;
        Assert.IsGreaterThan(500, (int)sum["packets"]!);
        Assert.IsLessThan(20.0, (double)sum["lost_percent"]!);
    }

    /// <summary>Not a server of two seconds' life, nor one that waits for ever.</summary>
    [TestMethod]
    [DataRow("close $s; say 'done'; sleep 20", DisplayName = "close")]
    [DataRow("say 'done'; kill 9, $$", DisplayName = "killed")]
    public async Task The_end_of_the_socket_is_the_end_of_its_binding(string end)
    {
        await using LabProcess program = Road.Network.Client.Start(
            "perl", Perl(7800, $"sleep 2; {end}"));
        await BindingAsync(7800, "Listening");
        await program.WaitForLineAsync(line => line == "done", Bound, Cancellation);
        await NoBindingAsync(7800);
        await UntilAsync(async () => !await IsTakenOutsideAsync(7800), "the port is free outside");
    }

    /// <summary>A port that somebody has outside: the program gets another, and it is said which.</summary>
    [TestMethod]
    public async Task A_port_that_is_taken_outside_gives_another()
    {
        await using LabProcess taken = Road.Network.Firewall.Start("socat-taken", new LabCommand("socat", "-u", $"UDP4-RECVFROM:7710,bind={LabAddresses.FirewallOutside},fork", "STDOUT"));
        await UntilAsync(() => IsTakenOutsideAsync(7710), "the port is taken");
        await using LabProcess server = Road.Network.Client.Start("socat-server", Echo(7710));
        int port = IPEndPoint.Parse((string)(await BindingAsync(7710, "Listening"))["outside"]!).Port;
        Assert.AreNotEqual(7710, port);
        Assert.AreEqual("hello\n", await AskAsync(port, "hello"));
    }

    /// <summary>The firewall's service is killed and comes back: the server did not notice.</summary>
    [TestMethod]
    public async Task A_server_is_bound_again_when_the_firewall_is_back()
    {
        await using LabProcess server = Road.Network.Client.Start("socat-server", Echo(7720));
        await BindingAsync(7720, "Listening");
        await Road.KillFirewallAsync();
        await Road.StartFirewallAsync(Cancellation);
        string answer = "";
        await UntilAsync(async () => (answer = await AskAsync(7720, "again")).Length > 0, "the server answers again");
        Assert.AreEqual("again\n", answer);
    }

    private static LabCommand Echo(int port, string what = "PIPE") => new("socat", "-T", "20", $"UDP4-RECVFROM:{port},fork", what);

    private static string GoFile => Path.Combine(Road.Network.Folder, "udp-go");

    /// <summary>perl is on every Debian. Its socket $s is bound to the port.</summary>
    /// <param name="input">A pipe that is made for its standard input.</param>
    private static LabCommand Perl(int port, string script, string? input = null)
    {
        string program = $"$| = 1; socket(my $s, PF_INET, SOCK_DGRAM, 0); bind($s, sockaddr_in({port}, INADDR_ANY)) or die $!; {script}";
        return input is null
            ? new LabCommand("perl", "-MSocket", "-E", program)
            : new LabCommand("bash", "-c", "mkfifo $0 && exec perl -MSocket -E \"$1\" 0<>$0", input, program);
    }

    private async Task<bool> IsTakenOutsideAsync(int port) =>
        (await Road.Network.Firewall.RunAsync("ss", ["-Hnua", "sport", "=", $":{port}"], cancellation: Cancellation)).OrThrow().Output.Length > 0;

    /// <summary>What comes back within a second, "" where nothing does.</summary>
    private async Task<string> AskAsync(int port, string text, int? from = null)
    {
        string source = from is null ? "" : string.Create(CultureInfo.InvariantCulture, $",sourceport={from}");
        CommandResult result = await Road.Network.Outside.RunAsync(
            "bash", ["-c", $"echo {text} | socat -t 1 - UDP4:{LabAddresses.FirewallOutside}:{port},bind={LabAddresses.Server}{source}"], cancellation: Cancellation);
        return result.Output;
    }

    /// <summary>The redirector's word of the socket with this port.</summary>
    private async Task<JsonNode> BindingAsync(int port, string state, string protocol = "UDP")
    {
        JsonNode? found = null;
        await UntilAsync(async () => (found = (await BindingsAsync(protocol)).FirstOrDefault(one => IsOf(one, port) && (string?)one["state"] == state)) is not null, $"port {port} is {state}");
        return found!;
    }

    private Task NoBindingAsync(int port) => UntilAsync(async () => !(await BindingsAsync()).Any(one => IsOf(one, port)), $"nothing is bound for port {port}");

    private async Task<JsonNode[]> BindingsAsync(string protocol = "UDP") =>
        [.. (await StatusReader.GetAsync(Road.RedirectorProgram.StatusSocket, "/status", Cancellation))["bindings"]!.AsArray().Select(one => one!).Where(one => (string?)one["protocol"] == protocol)];

    private static bool IsOf(JsonNode binding, int port) => IPEndPoint.Parse((string)binding["client"]!).Port == port;

    private Task UntilAsync(Func<Task<bool>> condition, string what) => Until.TrueAsync(condition, () => $"not in time: {what}", Cancellation);
}
