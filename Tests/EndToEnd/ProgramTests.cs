using System.Diagnostics;
using System.Globalization;
using FwRedirect.Lab.Demo;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Unmodified programs on a client without a route: each does its work and sees its true peer. One lab for all.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class ProgramTests : SharedLab<ProgramTests>
{
    private static readonly TimeSpan FailureBound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TransferBound = TimeSpan.FromMinutes(3);

    /// <summary>Neither TCP nor UDP (253 is for experiments, RFC 3692): the fallback route must not make a silence of it.</summary>
    [TestMethod]
    public async Task What_is_not_redirected_fails_at_once()
    {
        NeedServices();
        CommandResult sent = await Road.Network.Client.RunAsync("socat", ["-u", "-", $"IP4-SENDTO:{LabAddresses.Server}:253"], "x", cancellation: Cancellation);
        Assert.AreNotEqual(0, sent.ExitCode, $"{sent}");
        Assert.IsLessThan(FailureBound, sent.Elapsed);
    }

    [TestMethod]
    public async Task Ftp_lists_in_active_mode_by_name()
    {
        CommandResult result = await ArticleSession.RunAsync(Road.Network, Cancellation);
        Assert.Contains("220 Microsoft FTP Service", result.Output);
        Assert.Contains("200 PORT command successful", result.Output);
    }

    /// <summary>A small listing is sent and its 226 said before the data connection stands inside: curl gives up where it hears that first.</summary>
    [TestMethod]
    public async Task Active_ftp_works_every_time()
    {
        for (int round = 1; round <= 40; round++)
        {
            CommandResult listing = await CurlAsync(Road, "--ftp-port", "-", $"ftp://{LabAddresses.ServerName}/");
            Assert.AreEqual(0, listing.ExitCode, $"round {round}: {listing}");
        }
    }

    [TestMethod]
    [DataRow("--ftp-port", "-", DisplayName = "active, EPRT")]
    [DataRow("--disable-eprt", "--ftp-port=-", DisplayName = "active, PORT")]
    [DataRow("--ftp-pasv", "--disable-epsv", DisplayName = "passive, PASV")]
    [DataRow("--ftp-pasv", "--epsv", DisplayName = "passive, EPSV")]
    public async Task Ftp_fetches_a_file(string option, string more)
    {
        string[] options = more.StartsWith("--ftp-port=", StringComparison.Ordinal) ? [option, "--ftp-port", "-"] : more == "--epsv" ? [option] : [option, more];
        CommandResult result = (await CurlAsync(Road, [.. options, $"ftp://{LabAddresses.ServerName}/{FtpServer.FileNames[0]}"])).OrThrow();
        Assert.AreEqual("This file crossed the firewall.\r\n", result.Output);
    }

    [TestMethod]
    public async Task Curl_by_name_sees_the_servers_own_address()
    {
        CommandResult result = (await CurlAsync(Road, "--write-out", "%{remote_ip}:%{remote_port} %{local_ip}", $"http://{LabAddresses.ServerName}/")).OrThrow();
        Assert.AreEqual($"{WebServer.IndexText}{LabAddresses.Server}:80 {LabAddresses.Client}", result.Output);
    }

    [TestMethod]
    public async Task The_server_sees_the_firewall()
    {
        CommandResult result = (await CurlAsync(Road, $"http://{LabAddresses.Server}/address")).OrThrow();
        string expected = Mode == LabMode.Routed ? LabAddresses.Client : LabAddresses.FirewallOutside;
        Assert.StartsWith($"{expected}:", result.Output);
    }

    [TestMethod]
    public async Task Ssh_runs_a_command_and_its_socket_shows_the_true_peer()
    {
        string[] arguments =
        [
            "-F", "none", "-i", SshServer.ClientKey(Road.Network), "-o", $"UserKnownHostsFile={SshServer.KnownHosts(Road.Network)}",
            "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", $"{SshServer.User}@{LabAddresses.ServerName}",
        ];
        await using LabProcess waiting = Road.Network.Client.Start("ssh", new LabCommand("ssh", [.. arguments, "echo started; sleep 20"]));
        await waiting.WaitForLineAsync(line => line == "started", TimeSpan.FromSeconds(15), Cancellation);
        CommandResult sockets = await Road.Network.Client.RunAsync("ss", ["-Htn", "state", "established", "dport", "=", ":22"], cancellation: Cancellation);
        Assert.Contains($"{LabAddresses.Server}:22", sockets.Output);

        CommandResult result = (await Road.Network.Client.RunAsync("ssh", [.. arguments, "id -un; echo $SSH_CONNECTION"], cancellation: Cancellation)).OrThrow();
        Assert.StartsWith($"{SshServer.User}\n", result.Output);
        Assert.Contains($" {LabAddresses.Server} 22", result.Output);
    }

    [TestMethod]
    public async Task A_thousand_connections_in_a_row()
    {
        string[] arguments = ["connections", "--to", $"{LabAddresses.Server}:{LabAddresses.EchoPort}", "--count", "1000", "--seconds", "60"];
        CommandResult result = (await Road.Network.Client.RunAsync(Executables.Lab, arguments, timeout: TimeSpan.FromSeconds(90), cancellation: Cancellation)).OrThrow();
        TestContext.WriteLine(result.Output);
        Assert.StartsWith("1000 connections", result.Output);
    }

    [TestMethod]
    public async Task A_gigabyte_comes_down_whole()
    {
        string file = await LargeFileAsync(Path.Combine(Road.Network.Folder, "web", "root", "large.bin"));
        string expected = await ChecksumAsync($"sha256sum < {file}", inside: false);
        string actual = await ChecksumAsync($"curl -sS --max-time 150 http://{LabAddresses.ServerName}/large.bin | sha256sum", inside: true);
        File.Delete(file);
        Assert.AreEqual(expected, actual);
    }

    [TestMethod]
    public async Task A_gigabyte_goes_up_whole()
    {
        string file = await LargeFileAsync(Path.Combine(Road.Network.Folder, "large-upload.bin"));
        string expected = await ChecksumAsync($"sha256sum < {file}", inside: false);
        CommandResult result = await Road.Network.Client.RunAsync(
            "curl", ["-sS", "--max-time", "150", "--fail", "-T", file, $"http://{LabAddresses.ServerName}/upload/large.bin"], timeout: TransferBound, cancellation: Cancellation);
        result.OrThrow();
        string arrived = Path.Combine(Road.Network.Folder, "web", "root", "upload", "large.bin");
        string actual = await ChecksumAsync($"sha256sum < {arrived}", inside: false);
        File.Delete(file);
        File.Delete(arrived);
        Assert.AreEqual(expected, actual);
    }

    [TestMethod]
    public async Task A_refused_port_is_refused_at_once() =>
        await ExpectConnectErrorAsync(LabAddresses.Server, LabAddresses.ClosedPort, "Connection refused");

    [TestMethod]
    public async Task An_unreachable_host_is_unreachable_at_once() =>
        await ExpectConnectErrorAsync(LabAddresses.Unreachable, 80, "No route to host");

    [TestMethod]
    public async Task An_unknown_name_is_not_found_at_once()
    {
        const int NotResolved = 6;
        CommandResult result = await CurlAsync(Road, $"http://{LabAddresses.UnknownName}/");
        Assert.AreEqual(NotResolved, result.ExitCode, result.ToString());
        Assert.IsLessThan(FailureBound, result.Elapsed);
    }

    [TestMethod]
    public async Task An_alias_leads_to_its_name()
    {
        CommandResult result = (await CurlAsync(Road, "--write-out", "%{remote_ip}", "http://files.contoso.com/")).OrThrow();
        Assert.AreEqual($"{WebServer.IndexText}{LabAddresses.Server}", result.Output);
    }

    /// <summary>bash prints what connect() said; curl keeps it to itself.</summary>
    private async Task ExpectConnectErrorAsync(string address, int port, string expected)
    {
        long started = Stopwatch.GetTimestamp();
        CommandResult result = await Road.Network.Client.RunAsync(
            "bash", ["-c", string.Create(CultureInfo.InvariantCulture, $"exec 3<>/dev/tcp/{address}/{port}")], cancellation: Cancellation);
        Assert.AreNotEqual(0, result.ExitCode);
        Assert.Contains(expected, result.Error);
        Assert.IsLessThan(FailureBound, Stopwatch.GetElapsedTime(started));
    }

    private async Task<string> LargeFileAsync(string path)
    {
        const long Gigabyte = 1L << 30;
        byte[] block = new byte[1 << 20];
        var random = new Random(20); // a fixed seed: a failure can be repeated
        await using FileStream file = File.Create(path);
        for (long written = 0; written < Gigabyte; written += block.Length)
        {
            random.NextBytes(block);
            await file.WriteAsync(block, Cancellation);
        }

        return path;
    }

    private async Task<string> ChecksumAsync(string script, bool inside)
    {
        string[] arguments = ["-o", "pipefail", "-c", script];
        LabCommand command = inside ? Road.Network.Client.Command("bash", arguments) : new LabCommand("bash", arguments);
        return (await (command with { Timeout = TransferBound }).RunAsync(Cancellation)).OrThrow().Output.Split(' ')[0];
    }
}
