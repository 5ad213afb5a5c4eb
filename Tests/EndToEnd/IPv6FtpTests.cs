using System.Text.Json.Nodes;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>FTP over IPv6: programs' own ways of naming their data connections, and a server inside.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class IPv6FtpTests : SharedLab<IPv6FtpTests>
{
    protected override LabIPv6 IPv6 => LabIPv6.Firewall;

    protected override void NeedPrograms() => NeedServices();

    protected override async Task PrepareAsync() => await ApplicationSettings.UseAsync(
        Road, new JsonObject { ["vsftpd"] = new JsonObject { ["ServerBindTcpPorts"] = "21", ["RemoteBindTcpPorts"] = "50000-50099" } }, Cancellation);

    [TestMethod]
    [DataRow("-A", "200 EPRT command successful", DisplayName = "active")]
    [DataRow("-p", "229 Entering Extended Passive Mode", DisplayName = "passive")]
    public async Task Tnftp_lists(string mode, string said)
    {
        CommandResult result = await Road.Network.Client.RunAsync(
            "ftp", ["-6", "-n", "-v", mode, LabAddresses.ServerName], "user anonymous me@you.com\nls\nquit\n", cancellation: Cancellation);
        Assert.Contains(said, result.OrThrow().Output);
        foreach (string name in FtpServer.FileNames)
            Assert.Contains(name, result.Output);
    }

    [TestMethod]
    public async Task Ftplib_lists_both_ways()
    {
        const string Program = """
            import ftplib, sys
            for passive in (False, True):
                f = ftplib.FTP()
                f.connect(sys.argv[1], timeout=20)
                f.login()
                f.set_pasv(passive)
                f.retrlines('NLST', lambda name: print(passive, name))
                f.quit()
            """;
        string expected = string.Concat(from passive in new[] { "False", "True" } from name in FtpServer.FileNames select $"{passive} {name}\n");
        Assert.AreEqual(expected, (await Road.Network.Client.RunAsync("python3", ["-c", Program, LabAddresses.ServerV6], cancellation: Cancellation)).OrThrow().Output);
    }

    /// <summary>A small listing is over before its data connection stands inside: the reply waits for it in IPv6 too.</summary>
    [TestMethod]
    public async Task Active_mode_works_every_time()
    {
        for (int round = 1; round <= 20; round++)
        {
            CommandResult listing = await CurlAsync(Road, "-6", "--ftp-port", "-", $"ftp://{LabAddresses.ServerName}/");
            Assert.AreEqual(0, listing.ExitCode, $"round {round}: {listing}");
        }
    }

    /// <summary>Its 229 names its own port, and the client outside has to see the firewall's.</summary>
    [TestMethod]
    [DataRow("--ftp-pasv", DisplayName = "passive, EPSV")]
    [DataRow("--ftp-port -", DisplayName = "active, EPRT")]
    public async Task A_server_inside_serves_clients_outside(string way)
    {
        string root = Directory.CreateDirectory(Path.Combine(Road.Network.Folder, "ftp-inside")).FullName;
        string empty = Directory.CreateDirectory(Path.Combine(Road.Network.Folder, "ftp-inside-empty")).FullName;
        await File.WriteAllTextAsync(Path.Combine(root, "inside.txt"), "This file is inside.\n", Cancellation);
        string configuration = Path.Combine(Road.Network.Folder, "vsftpd-inside.conf");
        await File.WriteAllLinesAsync(
            configuration,
            [
                "listen=NO", "listen_ipv6=YES", $"listen_address6={LabAddresses.ClientV6}", "background=NO", "anonymous_enable=YES", "local_enable=NO", "write_enable=NO", $"anon_root={root}",
                "port_enable=YES", "connect_from_port_20=YES", "pasv_enable=YES", "pasv_min_port=50000", "pasv_max_port=50099", "xferlog_enable=NO", "isolate=NO", "isolate_network=NO",
                "seccomp_sandbox=NO", $"secure_chroot_dir={empty}", "nopriv_user=nobody", "ftp_username=ftp",
            ],
            Cancellation);
        // Outside the server's port is taken while the binding of the test before is being closed.
        await Until.TrueAsync(async () => !await IsBoundAsync(), () => "an earlier server is still bound", Cancellation);
        await using LabProcess vsftpd = Road.Network.Client.Start("vsftpd-inside", new LabCommand("vsftpd", configuration));
        await Until.TrueAsync(IsBoundAsync, () => "port 21 is not bound outside", Cancellation);
        CommandResult fetched = await Road.Network.Outside.RunAsync(
            "curl", ["-6", "-sS", "--max-time", "30", .. way.Split(' '), $"ftp://[{LabAddresses.FirewallOutsideV6}]/inside.txt"], cancellation: Cancellation);
        Assert.AreEqual("This file is inside.\n", fetched.OrThrow().Output);
        await vsftpd.StopAsync();
    }

    private async Task<bool> IsBoundAsync()
    {
        JsonNode status = await StatusReader.GetAsync(Road.FirewallProgram.StatusSocket, "/status", Cancellation);
        return status["bindings"]!.AsArray().Any(one => (string?)one!["outside"] == $"[{LabAddresses.FirewallOutsideV6}]:21" && (string?)one["state"] == "Listening");
    }
}
