using System.Globalization;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Servers;
using FwRedirect.Lab.Wine;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>A Windows program and Linux programs on a client whose redirector is fwredirect.exe. One lab for all.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class WineProgramTests : WineTest
{
    private const string Megabytes = "100";
    private const int ConnectionReset = 10054;
    private const int ConnectionRefused = 10061;
    private const int ListenPort = 4321;

    private static readonly TimeSpan TransferBound = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StepBound = TimeSpan.FromSeconds(30);

    private static WineRoad? _road;

    private static WineRoad Road => _road!;

    [TestInitialize]
    public async Task OpenRoad()
    {
        if (_road is not null) return;
        _road = await WineRoad.OpenAsync(Cancellation);
        await _road.StartRedirectorAsync(Cancellation);
    }

    [TestCleanup]
    public void ShowLogs()
    {
        if (TestContext.CurrentTestOutcome != UnitTestOutcome.Passed && _road is not null) TestContext.WriteLine(_road.Log());
    }

    [ClassCleanup]
    public static async Task CloseRoad()
    {
        if (_road is not null) await _road.DisposeAsync();
        _road = null;
    }

    [TestMethod]
    public async Task A_windows_program_looks_up_connects_and_gets_back_what_it_sent()
    {
        CommandResult result = (await RunAsync("transfer", LabAddresses.ServerName, $"{LabAddresses.EchoPort}", Megabytes)).OrThrow();
        TestContext.WriteLine(result.ToString());
        Assert.AreEqual($"{LabAddresses.Server}:{LabAddresses.EchoPort}", Line(result, "resolved"));
        Assert.AreEqual($"{LabAddresses.Server}:{LabAddresses.EchoPort}", Line(result, "peer"));
        Assert.StartsWith($"{LabAddresses.Client}:", Line(result, "local"));
        Assert.AreEqual(Line(result, "sent"), Line(result, "received"));
        Assert.StartsWith($"{100L << 20} bytes", Line(result, "received"));
    }

    [TestMethod]
    public async Task A_windows_program_is_refused_on_a_closed_port()
    {
        CommandResult result = await RunAsync("connect", LabAddresses.Server, $"{LabAddresses.ClosedPort}");
        Assert.AreEqual($"error {ConnectionRefused}", Line(result, "connect:"));
    }

    [TestMethod]
    public async Task A_windows_program_accepts_a_connection_from_outside_and_sees_its_true_peer()
    {
        await using LabProcess program = Road.Network.Client.Start(
            "program.exe", Road.WindowsProgram("listen", LabAddresses.ServerName, $"{LabAddresses.EchoPort}", $"{ListenPort}"));
        await program.WaitForLineAsync(line => line.StartsWith("listening", StringComparison.Ordinal), StepBound, Cancellation);
        int port = await ExternalPortAsync();

        CommandResult heard = (await Road.Network.Outside.RunAsync(
            "bash", ["-c", $"exec 3<>/dev/tcp/{LabAddresses.FirewallOutside}/{port}; echo good day >&3; timeout 20 cat <&3"], cancellation: Cancellation)).OrThrow();
        Assert.AreEqual("good day", heard.Output.Trim());
        await program.WaitForExitAsync(StepBound, Cancellation);
        string peer = program.Lines.Last(line => line.StartsWith("peer", StringComparison.Ordinal));
        Assert.StartsWith($"peer {LabAddresses.Server}:", peer, program.Log());
        Assert.Contains("heard good day", program.Lines);
    }

    [TestMethod]
    [DataRow(1, 50, DisplayName = "one byte")]
    [DataRow(1400, 50, DisplayName = "a frame")]
    [DataRow(20_000, 5, DisplayName = "20,000 bytes, in fragments")]
    public async Task A_windows_program_gets_its_datagrams_back_from_whom_it_sent_them_to(int bytes, int many)
    {
        CommandResult result = await RunAsync("datagrams", LabAddresses.ServerName, $"{LabAddresses.EchoPort}", $"{many}", $"{bytes}");
        Assert.AreEqual($"{many} of {many}", Line(result, "came back"), result.ToString());
        Assert.AreEqual($"{LabAddresses.Server}:{LabAddresses.EchoPort}", Line(result, "peer"));
        // The service says whose it was, by name, and that the socket's close ended it outside too.
        string port = Line(result, "local").Split(':')[1];
        await WaitForLogAsync($"program.exe sends UDP from {LabAddresses.Client}:{port} ");
        await Until.TrueAsync(
            async () => !(await Road.Network.Firewall.RunAsync("ss", ["-Hnua", "src", LabAddresses.FirewallOutside], cancellation: Cancellation)).OrThrow().Output
                .Contains($":{port} ", StringComparison.Ordinal),
            () => $"the firewall still has port {port} of the closed socket", Cancellation);
    }

    [TestMethod]
    public async Task A_windows_program_is_told_that_nobody_has_the_port_it_sent_to()
    {
        CommandResult result = await RunAsync("datagram", LabAddresses.Server, $"{LabAddresses.ClosedPort}");
        // Windows says "reset"; Wine hands on what Linux calls it.
        Assert.Contains(Line(result, "recv: error"), [$"{ConnectionReset}", $"{ConnectionRefused}"], result.ToString());
        Assert.IsLessThan(3000, int.Parse(Line(result, "recv took").Split(' ')[0], CultureInfo.InvariantCulture));
    }

    /// <summary>Answers of TFTP come from a port that nobody has sent to.</summary>
    [TestMethod]
    public async Task A_linux_program_beside_it_fetches_by_tftp()
    {
        await using LabProcess server = await TrivialFtpServer.StartAsync(Road.Network, Cancellation);
        string fetched = Path.Combine(Road.Network.Folder, "fetched-wine.img");
        (await Road.Network.Client.RunAsync(
            "tftp", ["-m", "binary", LabAddresses.Server, "-c", "get", TrivialFtpServer.FileName, fetched], cancellation: Cancellation)).OrThrow();
        byte[] original = await File.ReadAllBytesAsync(Path.Combine(TrivialFtpServer.Folder(Road.Network), TrivialFtpServer.FileName), Cancellation);
        CollectionAssert.AreEqual(original, await File.ReadAllBytesAsync(fetched, Cancellation));
    }

    [TestMethod]
    public async Task A_linux_program_beside_it_downloads_and_uploads_the_same_bytes()
    {
        string file = Path.Combine(Road.Network.Folder, "web", "root", "hundred.bin");
        byte[] bytes = new byte[100 << 20];
        new Random(20).NextBytes(bytes); // a fixed seed: a failure can be repeated
        await File.WriteAllBytesAsync(file, bytes, Cancellation);
        string copy = Path.Combine(Road.Network.Folder, "hundred-came.bin");
        (await CurlAsync("-o", copy, $"http://{LabAddresses.ServerName}/hundred.bin")).OrThrow();
        (await CurlAsync("--fail", "-T", copy, $"http://{LabAddresses.ServerName}/upload/hundred.bin")).OrThrow();
        byte[] back = await File.ReadAllBytesAsync(Path.Combine(Road.Network.Folder, "web", "root", "upload", "hundred.bin"), Cancellation);
        Assert.IsTrue(bytes.AsSpan().SequenceEqual(back), "what came back is not what was sent");
    }

    [TestMethod]
    public async Task A_linux_program_is_refused_on_a_closed_port()
    {
        string script = string.Create(CultureInfo.InvariantCulture, $"exec 3<>/dev/tcp/{LabAddresses.Server}/{LabAddresses.ClosedPort}");
        CommandResult result = await Road.Network.Client.RunAsync("bash", ["-c", script], cancellation: Cancellation);
        Assert.Contains("Connection refused", result.Error);
    }

    private async Task WaitForLogAsync(string text) =>
        await Road.Redirector!.WaitForLineAsync(line => line.Contains(text, StringComparison.Ordinal), StepBound, Cancellation);

    private Task<CommandResult> RunAsync(params string[] arguments) =>
        Road.Wine.RunAsync(Road.WindowsProgram(arguments) with { Timeout = TransferBound }, Cancellation);

    private Task<CommandResult> CurlAsync(params string[] arguments) =>
        Road.Network.Client.RunAsync("curl", ["--silent", "--show-error", "--max-time", "100", .. arguments], timeout: TransferBound, cancellation: Cancellation);

    /// <summary>Where the firewall listens outside for the program; the program itself is not told, as with the old client it was.</summary>
    private async Task<int> ExternalPortAsync()
    {
        for (int round = 0; round < 500; round++)
        {
            CommandResult sockets = await Road.Network.Firewall.RunAsync("ss", ["-Hltn", "src", LabAddresses.FirewallOutside], cancellation: Cancellation);
            string? endpoint = sockets.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                .FirstOrDefault(word => word.StartsWith($"{LabAddresses.FirewallOutside}:", StringComparison.Ordinal));
            if (endpoint is not null) return int.Parse(endpoint.Split(':')[1], CultureInfo.InvariantCulture);
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancellation);
        }

        throw new AssertFailedException("the firewall does not listen outside for the program");
    }
}
