using System.Text.Json.Nodes;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Both services tell how they are, and fwdiag prints it.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class StatusTests : LabTest
{
    [TestMethod]
    public async Task A_flow_is_seen_on_both_sides_and_its_program_is_named()
    {
        NeedServices();
        await using LabRoad road = await LabRoad.OpenAsync(Mode, cancellation: Cancellation);
        string[] arguments = ["-c", $"exec 3<>/dev/tcp/{LabAddresses.Server}/{LabAddresses.EchoPort}; echo hello >&3; read line <&3; echo got $line; read end <&3"];
        await using LabProcess waiting = road.Network.Client.Start("bash", new LabCommand("bash", arguments));
        await waiting.WaitForLineAsync(line => line == "got hello", TimeSpan.FromSeconds(10), Cancellation);

        JsonNode inside = (await StatusReader.GetAsync(road.RedirectorProgram.StatusSocket, "/flows", Cancellation)).AsArray().Single()!;
        Assert.AreEqual("bash", (string?)inside["program"]);
        Assert.AreEqual($"{LabAddresses.Server}:{LabAddresses.EchoPort}", (string?)inside["peer"]);
        Assert.AreEqual("Established", (string?)inside["state"]);
        JsonNode outside = (await StatusReader.GetAsync(road.FirewallProgram.StatusSocket, "/flows", Cancellation)).AsArray().Single()!;
        Assert.AreEqual((string?)inside["client"], (string?)outside["client"]);
        Assert.AreEqual("Relayed", (string?)outside["state"]);
        Assert.AreEqual(6, (long?)outside["bytesOut"]);
        Assert.AreEqual("Authenticated users", (string?)outside["why"]);

        IReadOnlyDictionary<string, long> counters = await StatusReader.CountersAsync(road.RedirectorProgram.StatusSocket, Cancellation);
        Assert.AreEqual(1, counters["flows.established"]);
        Assert.AreEqual(2, counters["nat.entries"]);
        Assert.AreEqual(1, counters["journal.slotsUsed"]);
        Assert.AreEqual(2, counters["channels.open"], "the program's, and the one on which the service hears what the firewall sets");

        JsonArray firewalls = (await StatusReader.GetAsync(road.RedirectorProgram.StatusSocket, "/status", Cancellation))["firewalls"]!.AsArray();
        Assert.AreEqual("192.168.0.1:1745 IPv4 Reachable", Reach(firewalls[0]!));
        Assert.AreEqual("192.168.0.1:1745 IPv6 None", Reach(firewalls[1]!), "the lab's firewall has none");

        CommandResult flows = (await new LabCommand(Executables.Diagnostics, "flows", "--endpoint", road.RedirectorProgram.StatusSocket).RunAsync(Cancellation)).OrThrow();
        Assert.Contains("bash", flows.Output);
        Assert.Contains("Established", flows.Output);
        foreach (string socket in new[] { road.RedirectorProgram.StatusSocket, road.FirewallProgram.StatusSocket })
        {
            CommandResult status = (await new LabCommand(Executables.Diagnostics, "status", "--endpoint", socket).RunAsync(Cancellation)).OrThrow();
            TestContext.WriteLine(status.Output);
            Assert.Contains("healthy", status.Output);
        }

        await road.KillFirewallAsync();
        CommandResult killed = await new LabCommand(Executables.Diagnostics, "status", "--endpoint", road.FirewallProgram.StatusSocket).RunAsync(Cancellation);
        Assert.AreEqual(1, killed.ExitCode);
        Assert.AreEqual($"fwdiag: no service runs here: nobody listens on {road.FirewallProgram.StatusSocket}: its service was killed\n", killed.Error);
        // The channel is gone, and with it the firewall: nobody listens there any more.
        await Until.TrueAsync(async () => (string?)(await FirewallAsync(road))["state"] == "Unreachable", () => "the firewall is not known to be away", Cancellation);
        Assert.Contains("refused", (string)(await FirewallAsync(road))["reason"]!);
        CommandResult away = await new LabCommand(Executables.Diagnostics, "status", "--endpoint", road.RedirectorProgram.StatusSocket).RunAsync(Cancellation);
        Assert.AreEqual(1, away.ExitCode, away.Output);
        Assert.Contains("Unreachable", away.Output);
        await road.StartFirewallAsync(Cancellation);
        (await new LabCommand(Executables.Diagnostics, "status", "--endpoint", road.FirewallProgram.StatusSocket).RunAsync(Cancellation)).OrThrow();
    }

    private static string Reach(JsonNode one) => $"{one["name"]} {one["version"]} {one["state"]}";

    private async Task<JsonNode> FirewallAsync(LabRoad road) => (await StatusReader.GetAsync(road.RedirectorProgram.StatusSocket, "/status", Cancellation))["firewalls"]![0]!;

    [TestMethod]
    public async Task Who_is_not_root_is_told_so()
    {
        NeedServices();
        await using LabRoad road = await LabRoad.OpenAsync(Mode, cancellation: Cancellation);
        // A copy that nobody else can reach would only show that the build's folder is closed.
        CommandResult refused = await new LabCommand(
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "curl", "-sS", "--unix-socket", road.RedirectorProgram.StatusSocket, "http://x/status").RunAsync(Cancellation);
        Assert.AreNotEqual(0, refused.ExitCode, $"{refused}");
        Assert.AreEqual("", refused.Output);
        CommandResult root = (await new LabCommand("curl", "-sS", "--unix-socket", road.RedirectorProgram.StatusSocket, "http://x/status").RunAsync(Cancellation)).OrThrow();
        Assert.AreEqual("fwredirect", (string?)JsonNode.Parse(root.Output)!["service"]);
    }
}
