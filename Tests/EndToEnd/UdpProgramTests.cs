using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Unmodified programs that speak UDP, on a client without a route. One lab for all.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class UdpProgramTests : LabTest
{
    private static LabRoad? _road;

    private static LabRoad Road => _road!;

    [TestInitialize]
    public async Task OpenRoad() => _road ??= await LabRoad.OpenAsync(Mode, cancellation: Cancellation);

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

    private async Task<CommandResult> EchoAsync(params string[] options)
    {
        string[] arguments = ["datagrams", "--to", $"{LabAddresses.Server}:{LabAddresses.EchoPort}", .. options];
        return (await Road.Network.Client.RunAsync(Executables.Lab, arguments, cancellation: Cancellation)).OrThrow();
    }

    private Task<CommandResult> TftpAsync(string verb, string from, string to) =>
        Road.Network.Client.RunAsync("tftp", ["-m", "binary", LabAddresses.Server, "-c", verb, from, to], cancellation: Cancellation);
}
