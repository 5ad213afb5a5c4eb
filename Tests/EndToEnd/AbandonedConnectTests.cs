using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>A program gives up while the firewall still tries to connect for it: the server, when it comes back, sees no connection that nobody wants.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class AbandonedConnectTests : SharedLab<AbandonedConnectTests>
{
    private const int Port = 8099;
    private static readonly string[] Silent = ["INPUT", "-p", "tcp", "--dport", $"{Port}", "-j", "DROP"];

    /// <summary>The firewall's SYN is sent again after 1, 3 and 7 s, and its patience is 10 s (ConnectTimeout).</summary>
    private static readonly TimeSpan NextSyns = TimeSpan.FromSeconds(8);

    protected override void NeedPrograms() => NeedServices();

    [TestMethod]
    [DataRow(false, DisplayName = "its own time limit")]
    [DataRow(true, DisplayName = "killed")]
    public async Task A_connect_that_is_given_up_is_given_up_at_the_firewall_at_once(bool isKilled)
    {
        await using LabProcess server = Road.Network.Outside.Start("nc-silent", new LabCommand("nc", "-lkv", "-d", LabAddresses.Server, $"{Port}"));
        await server.WaitForLineAsync(line => line.StartsWith("Listening", StringComparison.Ordinal), TimeSpan.FromSeconds(10), Cancellation);
        await IptablesAsync("-I");
        try
        {
            await using LabProcess program = Road.Network.Client.Start(
                "curl", new LabCommand("curl", "-sS", "--max-time", isKilled ? "50" : "1", $"http://{LabAddresses.Server}:{Port}/"));
            await Until.TrueAsync(async () => await BeingMadeAsync() == 1, () => "the firewall does not connect", Cancellation);
            if (isKilled) program.Kill();
            await program.WaitForExitAsync(TimeSpan.FromSeconds(3), Cancellation);
            long ended = System.Diagnostics.Stopwatch.GetTimestamp();
            await Until.TrueAsync(async () => await BeingMadeAsync() == 0, () => "the firewall goes on connecting", Cancellation);
            Assert.IsLessThan(TimeSpan.FromSeconds(1), System.Diagnostics.Stopwatch.GetElapsedTime(ended));
        }
        finally
        {
            await IptablesAsync("-D");
        }

        await Task.Delay(NextSyns, Cancellation);
        Assert.IsFalse(server.Lines.Any(line => line.StartsWith("Connection received", StringComparison.Ordinal)), server.Log());
        // And who waits is served.
        CommandResult served = await Road.Network.Client.RunAsync("nc", ["-N", "-w", "5", LabAddresses.Server, $"{Port}"], input: "hello\n", cancellation: Cancellation);
        Assert.AreEqual(0, served.ExitCode, $"{served}");
        await server.WaitForLineAsync(line => line == "hello", TimeSpan.FromSeconds(5), Cancellation);
        string log = await File.ReadAllTextAsync(Road.FirewallProgram.AccessLogFile, Cancellation);
        Assert.Contains("ClosedByClient", log);
    }

    private static async Task IptablesAsync(string what) => (await Road.Network.Outside.RunAsync("iptables", [what, .. Silent])).OrThrow();

    private async Task<long> BeingMadeAsync() => (await StatusReader.CountersAsync(Road.FirewallProgram.StatusSocket, Cancellation))["connections.beingMade"];
}
