using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>The control channel breaks, falls silent, or its firewall is killed, while programs work. What each of them loses, and how soon it knows.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class ChannelLifeTests : LabTest
{
    private const int Megabytes = 100;
    private const string ReopenedLine = "goes on over a new connection";

    private LabRoad? _road;

    private LabRoad Road => _road!;

    [TestInitialize]
    public async Task OpenRoad()
    {
        NeedServices();
        _road = await LabRoad.OpenAsync(Mode, cancellation: Cancellation);
    }

    [TestCleanup]
    public async Task CloseRoad()
    {
        if (_road is null) return;
        if (TestContext.CurrentTestOutcome != UnitTestOutcome.Passed) TestContext.WriteLine(_road.Log());
        await _road.DisposeAsync();
    }

    [TestMethod]
    public async Task A_cut_control_connection_costs_no_flow_a_byte()
    {
        string expected = await WriteFileAsync();
        await using LabProcess download = await StartDownloadAsync("20M");
        for (int cut = 1; cut <= 3; cut++)
        {
            await CutControlConnectionsAsync();
            await WaitForCountAsync(Road.Redirector!, ReopenedLine, cut);
        }

        Assert.IsFalse(download.HasExited, "the cuts came too late to prove anything");
        await download.WaitForExitAsync(TimeSpan.FromSeconds(60), Cancellation);
        Assert.AreEqual(0, download.ExitCode, download.Log());
        Assert.AreEqual(expected, await ChecksumAsync());
        // A new flow on the same session, which counts on from where it was.
        (await CurlAsync(Road, $"http://{LabAddresses.Server}/")).OrThrow();
    }

    /// <summary>The machine lives and the process is gone: its kernel resets what it relayed, both ways, and nobody takes the cut for an end.</summary>
    [TestMethod]
    public async Task A_killed_firewall_resets_its_flows_at_once_and_a_new_one_serves_new_flows()
    {
        await WriteFileAsync();
        await using LabProcess download = await StartDownloadAsync("5M");
        await using LabProcess idle = await StartIdleAsync();
        await Road.KillFirewallAsync();
        await download.WaitForExitAsync(TimeSpan.FromSeconds(2), Cancellation);
        await idle.WaitForExitAsync(TimeSpan.FromSeconds(2), Cancellation);
        Assert.Contains("reset by peer", idle.Log());
        const int PartialFile = 18, ReceiveError = 56;
        Assert.IsTrue(download.ExitCode is PartialFile or ReceiveError, $"{download.ExitCode}");
        Assert.Contains("reset by peer", download.Log());

        await Road.StartFirewallAsync(Cancellation);
        (await CurlAsync(Road, "--retry", "8", "--retry-delay", "1", "--retry-all-errors", $"http://{LabAddresses.ServerName}/")).OrThrow();
    }

    private async Task<LabProcess> StartDownloadAsync(string rate)
    {
        LabProcess download = Road.Network.Client.Start(
            "download", new LabCommand("curl", "-sS", "--max-time", "120", "--limit-rate", rate, "-o", Arrived, $"http://{LabAddresses.Server}/large.bin"));
        for (int round = 0; round < 200 && !(File.Exists(Arrived) && new FileInfo(Arrived).Length > 1 << 20); round++)
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancellation);
        Assert.IsFalse(download.HasExited, download.Log());
        return download;
    }

    /// <summary>A connection on which nothing happens: an orderly end of it would be silent.</summary>
    private async Task<LabProcess> StartIdleAsync()
    {
        LabProcess idle = Road.Network.Client.Start(
            "idle", new LabCommand("bash", "-c", $"exec 3<>/dev/tcp/{LabAddresses.Server}/{LabAddresses.EchoPort}; echo ready; cat <&3"));
        await idle.WaitForLineAsync(line => line == "ready", TimeSpan.FromSeconds(10), Cancellation);
        return idle;
    }

    private async Task CutControlConnectionsAsync()
    {
        CommandResult cut = (await Road.Network.Client.RunAsync("ss", ["-K", "-tn", "dport", "=", ":1745"], cancellation: Cancellation)).OrThrow();
        Assert.Contains(":1745", cut.Output);
    }

    private async Task WaitForCountAsync(LabProcess process, string text, int count)
    {
        for (int round = 0; round < 100; round++)
        {
            if (process.Lines.Count(line => line.Contains(text, StringComparison.Ordinal)) >= count) return;
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancellation);
        }

        Assert.Fail($"'{text}' was not said {count} times within 5 s");
    }

    private string Arrived => Path.Combine(Road.Network.Folder, "arrived.bin");

    private async Task<string> WriteFileAsync()
    {
        byte[] block = new byte[1 << 20];
        var random = new Random(4); // a fixed seed: a failure can be repeated
        string path = Path.Combine(Road.Network.Folder, "web", "root", "large.bin");
        await using (FileStream file = File.Create(path))
        {
            for (int i = 0; i < Megabytes; i++)
            {
                random.NextBytes(block);
                await file.WriteAsync(block, Cancellation);
            }
        }

        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(path, Cancellation)));
    }

    private async Task<string> ChecksumAsync() =>
        Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(Arrived, Cancellation)));
}
