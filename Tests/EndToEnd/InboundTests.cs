using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Programs inside that are reached from outside: published by settings, or listening beside a connection of their own. One lab for all.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class InboundTests : LabTest
{
    private const int OldPort = 7001;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    private static LabRoad? _road;
    private static LabProcess? _older;

    [TestInitialize]
    public async Task OpenRoad()
    {
        NeedServices();
        if (_road is not null)
            return;
        _road = await LabRoad.OpenAsync(Mode, cancellation: Cancellation);
        await _road.Redirector!.StopAsync();
        // Older than the redirector: nobody tells of its listen().
        _older = Road.Network.Client.Start("nc-older", new LabCommand("nc", "-lk", "-d", $"{OldPort}"));
        await _road.StartRedirectorAsync(Cancellation);
        await ApplicationSettings.UseAsync(
            _road,
            new JsonObject
            {
                ["nc.openbsd"] = new JsonObject { ["ServerBindTcpPorts"] = "7000-7099" },
                ["perl"] = new JsonObject { ["ServerBindTcpPorts"] = "7020-7049" },
                ["nginx"] = new JsonObject { ["ServerBindTcpPorts"] = "8080-8099" },
                ["vsftpd"] = new JsonObject { ["ServerBindTcpPorts"] = "21", ["RemoteBindTcpPorts"] = "50000-50099" },
                ["lab"] = new JsonObject { ["RemoteBindTcpPorts"] = "21000-21399" },
            },
            Cancellation);
    }

    [TestCleanup]
    public void ShowLogs()
    {
        if (TestContext.CurrentTestOutcome != UnitTestOutcome.Passed && _road is not null) TestContext.WriteLine(_road.Log());
    }

    [ClassCleanup]
    public static async Task CloseRoad()
    {
        if (_older is not null) await _older.DisposeAsync();
        if (_road is not null) await _road.DisposeAsync();
        (_road, _older) = (null, null);
    }

    [TestMethod]
    public async Task Nc_is_reached_at_its_own_port_and_sees_its_true_peer()
    {
        await using LabProcess listening = Road.Network.Client.Start("nc", new LabCommand("nc", "-lvn", "-d", "7000"));
        JsonNode binding = await BindingAsync(7000, "Listening");
        Assert.AreEqual($"{LabAddresses.FirewallOutside}:7000", (string?)binding["outside"]);
        (await OutsideAsync($"echo hello | nc -N -s {LabAddresses.Server} -p 40123 {LabAddresses.FirewallOutside} 7000")).OrThrow();
        await listening.WaitForLineAsync(line => line == "hello", Bound, Cancellation);
        string connected = await listening.WaitForLineAsync(line => line.StartsWith("Connection received", StringComparison.Ordinal), Bound, Cancellation);
        Assert.Contains($"{LabAddresses.Server} 40123", connected);
        await NoBindingAsync(7000);
    }

    /// <summary>By the address that others were told, from the program's own machine: through the firewall and back (RFC 5382, REQ-8).</summary>
    [TestMethod]
    public async Task A_published_program_is_reached_from_inside_by_its_outside_address()
    {
        await using LabProcess listening = Road.Network.Client.Start("nc", new LabCommand("nc", "-lvn", "-d", "7003"));
        await BindingAsync(7003, "Listening");
        (await Road.Network.Client.RunAsync("bash", ["-c", $"echo hello | nc -N {LabAddresses.FirewallOutside} 7003"], cancellation: Cancellation)).OrThrow();
        await listening.WaitForLineAsync(line => line == "hello", Bound, Cancellation);
        string connected = await listening.WaitForLineAsync(line => line.StartsWith("Connection received", StringComparison.Ordinal), Bound, Cancellation);
        Assert.Contains(LabAddresses.FirewallOutside, connected);
        // What else there is at the firewall's own address stays closed to clients.
        CommandResult denied = await Road.Network.Client.RunAsync("nc", ["-v", "-z", "-w", "5", LabAddresses.FirewallOutside, "1745"], cancellation: Cancellation);
        Assert.AreNotEqual(0, denied.ExitCode);
        await NoBindingAsync(7003);
    }

    [TestMethod]
    public async Task A_listener_that_is_older_than_the_service_is_found()
    {
        await BindingAsync(OldPort, "Listening");
        (await OutsideAsync($"echo from outside | nc -N {LabAddresses.FirewallOutside} {OldPort}")).OrThrow();
        await _older!.WaitForLineAsync(line => line == "from outside", Bound, Cancellation);
    }

    [TestMethod]
    public async Task A_published_web_server_serves_a_hundred_at_once_whole()
    {
        await using LabProcess nginx = await WebServerAsync(8080, 20);
        string file = Path.Combine(Road.Network.Folder, "published", "data.bin");
        string expected = (await new LabCommand("bash", "-c", $"sha256sum < {file}").RunAsync(Cancellation)).OrThrow().Output.Split(' ')[0];
        string folder = Directory.CreateDirectory(Path.Combine(Road.Network.Folder, "fetched")).FullName;
        // Twenty sockets, five connections each: a hundred mappings of one program.
        (await OutsideAsync(
            $"curl -sS --fail --no-keepalive --max-time 60 --parallel --parallel-immediate --parallel-max 100 -o '{folder}/#1-#2' 'http://{LabAddresses.FirewallOutside}:80[80-99]/data.bin?[1-5]'"))
            .OrThrow();
        string[] fetched = Directory.GetFiles(folder);
        Assert.HasCount(100, fetched);
        string sums = (await new LabCommand("bash", "-c", $"sha256sum {folder}/* | cut -d' ' -f1 | sort | uniq -c").RunAsync(Cancellation)).OrThrow().Output;
        Assert.AreEqual($"100 {expected}", sums.Trim());
        (await OutsideAsync($"ab -q -n 1000 -c 100 http://{LabAddresses.FirewallOutside}:8080/small | grep -E 'Failed requests|Complete requests'")).OrThrow();
    }

    [TestMethod]
    public async Task A_port_that_is_taken_outside_is_said_and_had_when_it_is_free()
    {
        await using (LabProcess taken = Road.Network.Firewall.Start("nc-taken", new LabCommand("nc", "-lk", "-d", LabAddresses.FirewallOutside, "7010")))
        {
            await Task.Delay(200, Cancellation);
            await using LabProcess waiting = Road.Network.Client.Start("nc", new LabCommand("nc", "-lk", "-d", "7010"));
            JsonNode binding = await BindingAsync(7010, "Waiting");
            Assert.AreEqual($"WSAEADDRINUSE, {LabAddresses.FirewallOutside}/7010 is in use", (string?)binding["reason"]);
            Assert.IsNull(binding["outside"]);
            await taken.StopAsync();
            await BindingAsync(7010, "Listening");
            (await OutsideAsync($"echo now | nc -N {LabAddresses.FirewallOutside} 7010")).OrThrow();
            await waiting.WaitForLineAsync(line => line == "now", Bound, Cancellation);
        }

        await NoBindingAsync(7010);
    }

    [TestMethod]
    [DataRow("close $s; say 'done'; sleep 20", DisplayName = "close")]
    [DataRow("say 'done'; kill 9, $$", DisplayName = "killed")]
    [DataRow("shutdown $s, 0; say 'done'; sleep 20", DisplayName = "shutdown")]
    [DataRow("my $p = fork; if (!$p) { sleep 1; exit } close $s; waitpid $p, 0; say 'done'; sleep 20", DisplayName = "the last of two that share it")]
    public async Task The_end_of_the_socket_is_the_end_of_its_binding(string end)
    {
        await using LabProcess program = Road.Network.Client.Start("perl", Perl(7020, $"sleep 2; {end}"));
        await BindingAsync(7020, "Listening");
        await program.WaitForLineAsync(line => line == "done", Bound, Cancellation);
        long ended = Stopwatch.GetTimestamp();
        await NoBindingAsync(7020);
        Assert.IsLessThan(TimeSpan.FromSeconds(2), Stopwatch.GetElapsedTime(ended));
        Assert.AreEqual(SocketError.ConnectionRefused, await ErrorOutsideAsync(7020));
    }

    [TestMethod]
    public async Task A_connection_that_the_program_refuses_is_reset_outside_at_once()
    {
        await using LabProcess listening = Road.Network.Client.Start("nc", new LabCommand("nc", "-lk", "-d", "7030"));
        await BindingAsync(7030, "Listening");
        string[] rule = ["INPUT", "-p", "tcp", "--dport", "7030", "--syn", "-j", "REJECT", "--reject-with", "tcp-reset"];
        (await Road.Network.Client.RunAsync("iptables", ["-I", .. rule], cancellation: Cancellation)).OrThrow();
        try
        {
            long started = Stopwatch.GetTimestamp();
            CommandResult refused = await OutsideAsync($"timeout 20 nc -d {LabAddresses.FirewallOutside} 7030; echo ended; ss -Htn state established dport = :7030");
            Assert.AreEqual("ended\n", refused.Output);
            Assert.IsLessThan(TimeSpan.FromSeconds(2), Stopwatch.GetElapsedTime(started));
        }
        finally
        {
            (await Road.Network.Client.RunAsync("iptables", ["-D", .. rule], cancellation: CancellationToken.None)).OrThrow();
        }

        await NothingUnderWayAsync();
    }

    [TestMethod]
    public async Task A_full_backlog_is_told_outside_within_seconds()
    {
        // It never accepts; a backlog of 1 takes two connections.
        await using LabProcess program = Road.Network.Client.Start("perl", Perl(7040, "sleep 60"));
        await BindingAsync(7040, "Listening");
        await using LabProcess first = Road.Network.Outside.Start("nc-1", new LabCommand("nc", "-d", LabAddresses.FirewallOutside, "7040"));
        await using LabProcess second = Road.Network.Outside.Start("nc-2", new LabCommand("nc", "-d", LabAddresses.FirewallOutside, "7040"));
        await UntilAsync(async () => (await CountersAsync(firewall: true))["connections.relayed"] == 2, "two connections wait in the backlog");
        long started = Stopwatch.GetTimestamp();
        await OutsideAsync($"timeout 20 nc -d {LabAddresses.FirewallOutside} 7040");
        Assert.IsLessThan(TimeSpan.FromSeconds(7), Stopwatch.GetElapsedTime(started));
        Assert.IsFalse(first.HasExited || second.HasExited);
    }

    [TestMethod]
    [DataRow("--ftp-pasv --disable-epsv", DisplayName = "passive, PASV")]
    [DataRow("--ftp-pasv", DisplayName = "passive, EPSV")]
    [DataRow("--ftp-port - --disable-eprt", DisplayName = "active, PORT")]
    [DataRow("--ftp-port -", DisplayName = "active, EPRT")]
    public async Task An_ftp_server_inside_serves_clients_outside(string options)
    {
        string root = Directory.CreateDirectory(Path.Combine(Road.Network.Folder, "ftp-inside")).FullName;
        string empty = Directory.CreateDirectory(Path.Combine(Road.Network.Folder, "ftp-inside-empty")).FullName;
        await File.WriteAllTextAsync(Path.Combine(root, "inside.txt"), "This file is inside.\n", Cancellation);
        string configuration = Path.Combine(Road.Network.Folder, "vsftpd-inside.conf");
        await File.WriteAllLinesAsync(
            configuration,
            [
                "listen=YES", "listen_ipv6=NO", "background=NO", "anonymous_enable=YES", "local_enable=NO", "write_enable=NO", $"anon_root={root}", "port_enable=YES",
                "connect_from_port_20=YES", "pasv_enable=YES", "pasv_min_port=50000", "pasv_max_port=50099", "xferlog_enable=NO", "isolate=NO", "isolate_network=NO", "seccomp_sandbox=NO", $"secure_chroot_dir={empty}",
                "nopriv_user=nobody", "ftp_username=ftp",
            ],
            Cancellation);
        await using LabProcess vsftpd = Road.Network.Client.Start("vsftpd-inside", new LabCommand("vsftpd", configuration));
        await BindingAsync(21, "Listening");
        CommandResult fetched = (await OutsideAsync($"curl -sS --max-time 30 {options} ftp://{LabAddresses.FirewallOutside}/inside.txt")).OrThrow();
        Assert.AreEqual("This file is inside.\n", fetched.Output);
        await vsftpd.StopAsync();
        await NoBindingAsync(21);
    }

    [TestMethod]
    public async Task The_data_port_of_active_ftp_is_the_programs_own_outside()
    {
        (await CurlAsync(Road, "--ftp-port", $"{LabAddresses.Client}:47100-47110", $"ftp://{LabAddresses.ServerName}/")).OrThrow();
        await UntilAsync(
            async () => (await File.ReadAllTextAsync(Road.FirewallProgram.AccessLogFile, Cancellation)).Split('\n')
                .Select(line => line.Split('\t'))
                .Any(fields => fields.Length > 15 && fields[7] == "Inbound" && fields[3].StartsWith("471", StringComparison.Ordinal) && fields[15] == fields[3]),
            "the access log has the data connection, with one port inside and outside");
    }

    private static LabRoad Road => _road!;

    /// <summary>perl is on every Debian. Its socket $s listens with a backlog of 1.</summary>
    private static LabCommand Perl(int port, string script) => new(
        "perl", "-MSocket", "-E",
        $"$| = 1; socket(my $s, PF_INET, SOCK_STREAM, 0); setsockopt $s, SOL_SOCKET, SO_REUSEADDR, 1; bind($s, sockaddr_in({port}, INADDR_ANY)) or die $!; listen $s, 1; {script}");

    private async Task<LabProcess> WebServerAsync(int firstPort, int ports)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Road.Network.Folder, "published")).FullName;
        byte[] data = new byte[1 << 20];
        new Random(7).NextBytes(data);
        await File.WriteAllBytesAsync(Path.Combine(folder, "data.bin"), data, Cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "small"), "small\n", Cancellation);
        string listens = string.Join(' ', Enumerable.Range(firstPort, ports).Select(port => $"listen {port};"));
        string configuration = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(
            configuration,
            $"daemon off; user root; worker_processes 2; pid {folder}/nginx.pid; error_log stderr; events {{ worker_connections 1024; }}\n"
            + $"http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};\n"
            + $"server {{ {listens} root {folder}; }} }}\n",
            Cancellation);
        LabProcess nginx = Road.Network.Client.Start("nginx-inside", new LabCommand("nginx", "-c", configuration, "-e", "stderr", "-p", folder));
        for (int port = firstPort; port < firstPort + ports; port++)
            await BindingAsync(port, "Listening");
        return nginx;
    }

    private Task<CommandResult> OutsideAsync(string script) => Road.Network.Outside.RunAsync("bash", ["-o", "pipefail", "-c", script], cancellation: Cancellation);

    private async Task<SocketError> ErrorOutsideAsync(int port)
    {
        CommandResult result = await OutsideAsync($"exec 3<>/dev/tcp/{LabAddresses.FirewallOutside}/{port}");
        return result.ExitCode == 0 ? SocketError.Success
            : result.Error.Contains("refused", StringComparison.OrdinalIgnoreCase) ? SocketError.ConnectionRefused : SocketError.SocketError;
    }

    private async Task<IReadOnlyDictionary<string, long>> CountersAsync(bool firewall = false) =>
        await StatusReader.CountersAsync(firewall ? Road.FirewallProgram.StatusSocket : Road.RedirectorProgram.StatusSocket, Cancellation);

    /// <summary>The redirector's word of the socket that listens on this port.</summary>
    private async Task<JsonNode> BindingAsync(int port, string state)
    {
        JsonNode? found = null;
        await UntilAsync(
            async () => (found = (await BindingsAsync(Road.RedirectorProgram.StatusSocket)).FirstOrDefault(one => IsOf(one, port) && (string?)one["state"] == state)) is not null,
            $"port {port} is {state}");
        return found!;
    }

    private async Task NoBindingAsync(int port) => await UntilAsync(
        async () => !(await BindingsAsync(Road.RedirectorProgram.StatusSocket)).Concat(await BindingsAsync(Road.FirewallProgram.StatusSocket)).Any(one => IsOf(one, port)),
        $"nothing is bound for port {port}");

    private async Task NothingUnderWayAsync() => await UntilAsync(
        async () =>
        {
            IReadOnlyDictionary<string, long> here = await CountersAsync(), there = await CountersAsync(firewall: true);
            return here["flows.announced"] + here["flows.opening"] + here["flows.established"] + there["connections.beingMade"] + there["connections.relayed"] == 0;
        },
        "no connection is under way");

    private async Task<JsonNode[]> BindingsAsync(string socket) =>
        [.. (await StatusReader.GetAsync(socket, "/status", Cancellation))["bindings"]!.AsArray().Select(one => one!)];

    private static bool IsOf(JsonNode binding, int port) => IPEndPoint.Parse((string)binding["client"]!).Port == port;

    private async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        long started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > Bound)
            {
                JsonNode status = await StatusReader.GetAsync(Road.RedirectorProgram.StatusSocket, "/status", Cancellation);
                Assert.Fail($"not within {Bound.TotalSeconds} s: {what}\n{status}");
            }

            await Task.Delay(50, Cancellation);
        }
    }
}
