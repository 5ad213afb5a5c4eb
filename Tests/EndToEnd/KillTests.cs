using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>kill -9 at several moments: running programs end, new ones are refused (Block), and a restart works at once.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class KillTests : LabTest
{
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(10);

    [TestMethod]
    [DataRow(true, DisplayName = "fwhost")]
    [DataRow(false, DisplayName = "fwredirect")]
    public async Task Killed_while_idle(bool firewall) =>
        await KillAsync(firewall, _ => Task.FromResult<LabProcess?>(null));

    [TestMethod]
    [DataRow(true, DisplayName = "fwhost")]
    [DataRow(false, DisplayName = "fwredirect")]
    public async Task Killed_in_the_middle_of_a_download(bool firewall) =>
        await KillAsync(firewall, async road =>
        {
            LabProcess download = road.Network.Client.Start(
                "iperf3-client", new LabCommand("iperf3", "-c", LabAddresses.Server, "-p", $"{SpeedServer.Port}", "-R", "-t", "60", "-i", "0.2", "--forceflush", "--rcv-timeout", "5000"));
            await download.WaitForLineAsync(line => line.Contains("bits/sec", StringComparison.Ordinal), TimeSpan.FromSeconds(15), Cancellation);
            return download;
        });

    [TestMethod]
    [DataRow(true, DisplayName = "fwhost")]
    [DataRow(false, DisplayName = "fwredirect")]
    public async Task Killed_while_connections_come_and_go(bool firewall) =>
        await KillAsync(firewall, async road =>
        {
            LabProcess connections = road.Network.Client.Start(
                "connections", new LabCommand(Executables.Lab, "connections", "--to", $"{LabAddresses.Server}:{LabAddresses.EchoPort}"));
            // Some have been made when the echo server's side has seen one end.
            await WaitForTimeWaitAsync(connections);
            return connections;
        });

    private async Task KillAsync(bool firewall, Func<LabRoad, Task<LabProcess?>> startProgram)
    {
        NeedServices();
        await using LabRoad road = await LabRoad.OpenAsync(Mode, cancellation: Cancellation);
        try
        {
            await using LabProcess? program = await startProgram(road);
            await (firewall ? road.KillFirewallAsync() : road.KillRedirectorAsync());
            if (program is not null) await program.WaitForExitAsync(EndBound, Cancellation);

            CommandResult blocked = await CurlAsync(road, "--max-time", "8", "-o", "/dev/null", $"http://{LabAddresses.Server}/");
            Assert.AreNotEqual(0, blocked.ExitCode, "a new connection got through though nobody runs the road");

            await (firewall ? road.StartFirewallAsync(Cancellation) : road.StartRedirectorAsync(Cancellation));
            CommandResult again = await CurlAsync(road, "--retry", "8", "--retry-delay", "1", "--retry-all-errors", "--max-time", "8", $"http://{LabAddresses.ServerName}/");
            Assert.AreEqual(WebServer.IndexText, again.OrThrow().Output);
        }
        catch
        {
            TestContext.WriteLine(road.Log());
            throw;
        }
    }

    private async Task WaitForTimeWaitAsync(LabProcess client)
    {
        const string TimeWait = " 06 ";
        for (int round = 0; round < 500; round++)
        {
            if (File.ReadLines($"/proc/{client.Id}/net/tcp").Any(line => line.Contains(TimeWait, StringComparison.Ordinal))) return;
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancellation);
        }

        Assert.Fail($"no connection has ended within 10 s\n{client.Log()}");
    }
}
