using System.Globalization;
using System.Text.Json;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>git, rsync, ssh and its family, telnet, iperf3. One lab for all; its firewall keeps the control channels alive every second, so that a silence of some seconds is a long one.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class TransferProgramTests : ProgramLab<TransferProgramTests>
{
    private const string Remote = $"{SshServer.User}@{LabAddresses.ServerName}";

    /// <summary>Of keep-alives; three without an answer, and the channel would be given up.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override string[] FirewallArguments => ["--KeepAliveSeconds", Interval.TotalSeconds.ToString(CultureInfo.InvariantCulture)];

    protected override async Task<Task<LabProcess>[]> StartServersAsync(LabNetwork network)
    {
        LabCertificates certificates = await LabCertificates.CreateAsync(network, Cancellation);
        return
        [
            GitServer.StartAsync(network, Cancellation), SyncServer.StartAsync(network, Cancellation), SecureWebServer.StartGatewayAsync(network, Cancellation),
            SecureWebServer.StartAsync(network, certificates, Cancellation),
        ];
    }

    [TestMethod]
    [DataRow("git://ftp.contoso.com")]
    [DataRow("https://www.contoso.com/git")]
    public async Task Git_clones_and_pushes(string server)
    {
        string scheme = server.Split(':')[0];
        string repository = $"{server}/{await GitServer.MakeRepositoryAsync(Network, $"{scheme}.git", Cancellation)}";
        string one = Path.Combine(Folder, $"{scheme}-one");
        string two = Path.Combine(Folder, $"{scheme}-two");
        await BashAsync($"git clone -q {repository} {one} && cd {one} && git config user.name lab && git config user.email lab@contoso.com && git checkout -q -b main");
        await FileAsync(Path.Combine(one, "content"), 8_000_000);
        await BashAsync($"cd {one} && git add . && git commit -q -m one && seq 1000 > lines && git add . && git commit -q -m two && git push -q origin main");
        await OutputAsync("git", "clone", "-q", repository, two);
        await AssertSameAsync(Path.Combine(one, "content"), Path.Combine(two, "content"));
        Assert.AreEqual(await OutputAsync("git", "-C", one, "rev-parse", "HEAD"), await OutputAsync("git", "-C", two, "rev-parse", "HEAD"));
        await BashAsync($"cd {one} && seq 2000 > lines && git commit -q -a -m three && git push -q origin main && cd {two} && git pull -q && cmp {one}/lines {two}/lines && git fsck --strict");
    }

    [TestMethod]
    [DataRow(false, DisplayName = "daemon")]
    [DataRow(true, DisplayName = "over ssh")]
    public async Task Rsync_goes_both_ways_and_sends_only_what_changed(bool overSsh)
    {
        string source = Path.Combine(Folder, $"sync-{overSsh}");
        await FileAsync(Path.Combine(source, "large"), 10_000_000);
        foreach (int i in Enumerable.Range(1, 100))
            await FileAsync(Path.Combine(source, "folder", $"{i}"), 100 + i);
        string far = overSsh ? $"{Remote}:/tmp/{Path.GetFileName(Network.Folder)}/far-{overSsh}" : $"rsync://{LabAddresses.ServerName}/{SyncServer.Module}/far-{overSsh}";
        if (overSsh) (await new LabCommand("chmod", "777", Network.Folder).RunAsync(Cancellation)).OrThrow();
        string[] options = overSsh ? ["--rsh", $"ssh {string.Join(' ', SshOptions)}"] : [];
        await OutputAsync("rsync", [.. options, "-a", $"{source}/", $"{far}/"]);
        await FileAsync(Path.Combine(source, "folder", "new"), 12_345);
        await File.AppendAllTextAsync(Path.Combine(source, "large"), "one line more\n", Cancellation);
        string again = await OutputAsync("rsync", [.. options, "-a", "--stats", $"{source}/", $"{far}/"]);
        Assert.Contains("Number of regular files transferred: 2", again);
        Assert.IsLessThan(100_000, long.Parse(Field(again, "Total bytes sent: ").Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), again);
        string back = Path.Combine(Folder, $"sync-back-{overSsh}");
        await OutputAsync("rsync", [.. options, "-a", $"{far}/", $"{back}/"]);
        await OutputAsync("diff", "-r", source, back);
    }

    [TestMethod]
    public async Task Scp_and_sftp_carry_a_file_there_and_back()
    {
        string file = await FileAsync(Path.Combine(Folder, "carried"), 10_000_000);
        string far = Path.Combine(Network.Folder, "web", "root", "upload", "carried"); // where everybody may write
        await OutputAsync("scp", [.. SshOptions, "-q", file, $"{Remote}:{far}"]);
        await OutputAsync("scp", [.. SshOptions, "-q", "-O", $"{Remote}:{far}", $"{file}.scp"]);
        string batch = Path.Combine(Folder, "batch");
        await File.WriteAllTextAsync(batch, $"get {far} {file}.sftp\nput {file} {far}.again\nrm {far}\n", Cancellation);
        await OutputAsync("sftp", [.. SshOptions, "-q", "-b", batch, Remote]);
        foreach (string copy in new[] { $"{file}.scp", $"{file}.sftp", $"{far}.again" })
            await AssertSameAsync(file, copy);
        Assert.IsFalse(File.Exists(far));
    }

    /// <summary>-L and -D listen on the client's loopback, which is nobody's business; -R listens on the server's.</summary>
    [TestMethod]
    public async Task Ssh_forwards_ports_in_three_ways()
    {
        LabCommand command = new LabCommand(
            "ssh", [.. SshOptions, "-v", "-4", "-N", "-o", "ExitOnForwardFailure=yes", "-L", $"8001:{LabAddresses.Server}:80", "-D", "8002", "-R", "127.0.0.1:8003:127.0.0.1:8004", Remote]);
        await using LabProcess tunnel = Network.Client.Start("ssh-tunnel", command);
        await tunnel.WaitForLineAsync(line => line.Contains("remote forward success", StringComparison.Ordinal), TimeSpan.FromSeconds(15), Cancellation);
        Assert.AreEqual(WebServer.IndexText, await CurlOutputAsync("http://127.0.0.1:8001/"));
        Assert.StartsWith($"{LabAddresses.Server}:", await CurlOutputAsync("--socks5-hostname", "127.0.0.1:8002", $"http://{LabAddresses.ServerName}/address"));
        await using LabProcess listener = Network.Client.Start("nc", new LabCommand("nc", "-l", "127.0.0.1", "8004"));
        await ServerPort.WaitAsync(Network.Client, listener, 8004, Cancellation);
        await Network.Outside.RunAsync("nc", ["-N", "127.0.0.1", "8003"], input: "from outside\n", cancellation: Cancellation);
        await listener.WaitForLineAsync(line => line == "from outside", AtOnce, Cancellation);
    }

    /// <summary>
    /// A control channel that hears nothing for three intervals is given up, and its flows with it: they must go on. The timers that count in minutes and hours are tested with
    /// a clock of their own (FlowLifecycle, FirewallChannels).
    /// </summary>
    [TestMethod]
    public async Task An_idle_ssh_session_outlives_the_shortest_timer()
    {
        await using LabProcess session = Network.Client.Start("ssh", new LabCommand("ssh", [.. SshOptions, Remote, "echo begun; sleep 10; echo still here"]));
        await session.WaitForLineAsync(line => line == "begun", TimeSpan.FromSeconds(15), Cancellation);
        await session.WaitForExitAsync(Interval * 20, Cancellation);
        Assert.AreEqual(0, session.ExitCode, session.Log());
        CollectionAssert.AreEqual(new[] { "begun", "still here" }, session.Lines.ToArray());
    }

    [TestMethod]
    public async Task Telnet_is_connected_and_hears_the_answer()
    {
        CommandResult result = await RunAsync("bash", "-c", $"(printf 'GET / HTTP/1.0\\n\\n'; sleep 1) | telnet {LabAddresses.ServerName} 80");
        Assert.Contains($"Trying {LabAddresses.Server}...", result.Output);
        Assert.Contains(WebServer.IndexText, result.Output, result.ToString());
    }

    [TestMethod]
    [DataRow("", "sum_received", DisplayName = "up")]
    [DataRow("--reverse", "sum_received", DisplayName = "down")]
    [DataRow("--parallel 8", "sum_received", DisplayName = "eight streams up")]
    [DataRow("--parallel 8 --reverse", "sum_received", DisplayName = "eight streams down")]
    [DataRow("--bidir", "sum_received_bidir_reverse", DisplayName = "both at once")]
    public async Task Iperf3_measures(string options, string sum)
    {
        string[] arguments = ["--client", LabAddresses.ServerName, "--time", "1", "--json", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        string result = (await RunAsync("iperf3", arguments)).Output;
        // Its server takes one test at a time, and the last one's end may still be on its way.
        while (result.Contains("the server is busy", StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), Cancellation);
            result = (await RunAsync("iperf3", arguments)).Output;
        }

        Assert.DoesNotContain("\"error\"", result);
        using var report = JsonDocument.Parse(result);
        Assert.AreEqual(LabAddresses.Server, report.RootElement.GetProperty("start").GetProperty("connected")[0].GetProperty("remote_host").GetString());
        double speed = report.RootElement.GetProperty("end").GetProperty(sum).GetProperty("bits_per_second").GetDouble();
        TestContext.WriteLine($"{speed / 1e9:F2} Gbit/s");
        Assert.IsGreaterThan(50e6, speed);
    }

    private static string Field(string text, string name) => text.Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..];
}
