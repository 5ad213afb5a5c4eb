using System.Text.Json.Nodes;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Programs inside that are reached over IPv6, and FTP in all its ways.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class IPv6InboundTests : SharedLab<IPv6InboundTests>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    protected override LabIPv6 IPv6 => LabIPv6.Firewall;

    protected override void NeedPrograms() => NeedServices();

    protected override async Task PrepareAsync() =>
        await ApplicationSettings.UseAsync(Road, new JsonObject { ["python3.11"] = Published(), ["python3"] = Published(), ["nc.openbsd"] = Published() }, Cancellation);

    /// <summary>One socket for both versions: two outside addresses.</summary>
    [TestMethod]
    [DataRow("::", 7000, false, DisplayName = "a socket of both versions")]
    [DataRow("::", 7001, true, DisplayName = "a socket of IPv6 alone")]
    [DataRow(LabAddresses.ClientV6, 7002, true, DisplayName = "a socket at an address")]
    public async Task A_published_server_is_reached_and_sees_its_true_peer(string address, int port, bool isOnlyIPv6)
    {
        const string Program = """
            import socket, sys
            s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(sys.argv[3]))
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((sys.argv[1], int(sys.argv[2])))
            s.listen(5)
            while True:
                c, peer = s.accept()
                c.sendall(('hello ' + peer[0] + '\n').encode())
                c.close()
            """;
        await using LabProcess server = Road.Network.Client.Start("server", new LabCommand("python3", "-c", Program, address, $"{port}", isOnlyIPv6 ? "1" : "0"));
        await BindingAsync($"[{LabAddresses.FirewallOutsideV6}]:{port}");
        Assert.AreEqual($"hello {LabAddresses.ServerV6}\n", (await NcAsync("-6", "-s", LabAddresses.ServerV6, LabAddresses.FirewallOutsideV6, $"{port}")).OrThrow().Output);
        if (isOnlyIPv6)
        {
            await Until.TrueAsync(async () => !(await OutsideEndpointsAsync()).Contains($"{LabAddresses.FirewallOutside}:{port}"), () => "IPv4 is bound", Cancellation, Bound);
        }
        else
        {
            await BindingAsync($"{LabAddresses.FirewallOutside}:{port}");
            Assert.AreEqual($"hello ::ffff:{LabAddresses.Server}\n", (await NcAsync("-4", LabAddresses.FirewallOutside, $"{port}")).OrThrow().Output);
        }

        await server.StopAsync();
        await Until.TrueAsync(async () => !(await OutsideEndpointsAsync()).Any(one => one.EndsWith($":{port}", StringComparison.Ordinal)), () => "it is still bound", Cancellation, Bound);
    }

    /// <summary>EPSV; and EPRT, where the server connects to the program.</summary>
    [TestMethod]
    [DataRow("--ftp-pasv", DisplayName = "passive")]
    [DataRow("--ftp-port -", DisplayName = "active")]
    public async Task Ftp_fetches_a_file(string way)
    {
        CommandResult result = await CurlAsync(Road, ["-6", .. way.Split(' '), $"ftp://[{LabAddresses.ServerV6}]/{FtpServer.FileNames[0]}"]);
        Assert.AreEqual("This file crossed the firewall.\r\n", result.OrThrow().Output);
    }

    private static JsonObject Published() => new() { ["ServerBindTcpPorts"] = "7000-7099" };

    private Task<CommandResult> NcAsync(params string[] arguments) => Road.Network.Outside.RunAsync("nc", ["-d", "-w", "10", .. arguments], cancellation: Cancellation);

    private async Task BindingAsync(string outside) => await Until.TrueAsync(
        async () => (await OutsideEndpointsAsync()).Contains(outside), () => $"{outside} is not bound", Cancellation, Bound);

    private async Task<string[]> OutsideEndpointsAsync()
    {
        JsonNode status = await StatusReader.GetAsync(Road.RedirectorProgram.StatusSocket, "/status", Cancellation);
        return [.. status["bindings"]!.AsArray().Select(one => (string?)one!["outside"] ?? "")];
    }
}
