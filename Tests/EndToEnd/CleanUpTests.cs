using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>What a stop leaves on a machine: nothing.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class CleanUpTests : LabTest
{
    [TestMethod]
    public async Task The_redirector_undoes_its_rules_and_routes()
    {
        NeedServices();
        await using LabRoad road = await LabRoad.OpenAsync(Mode, cancellation: Cancellation);
        await road.Redirector!.StopAsync();
        IReadOnlyDictionary<string, string> stopped = await StateAsync(road.Network.Client);
        await road.StartRedirectorAsync(Cancellation);
        Assert.IsFalse(Same(stopped, await StateAsync(road.Network.Client)), "a running redirector shows in no table: this test sees nothing");
        (await CurlAsync(road, $"http://{LabAddresses.ServerName}/")).OrThrow();
        await road.KillRedirectorAsync();
        await road.StartRedirectorAsync(Cancellation);
        await road.Redirector!.StopAsync();

        IReadOnlyDictionary<string, string> after = await StateAsync(road.Network.Client);
        foreach ((string name, string value) in stopped)
            Assert.AreEqual(value, after[name], name);
        Assert.DoesNotContain("default", after["ip route show table all"]);
        Assert.DoesNotContain("QUEUE", after["iptables-save"]);
        Assert.AreEqual("", after["queues"]);
        Assert.IsEmpty(await road.Network.Client.ProcessesAsync());
    }

    [TestMethod]
    public async Task A_second_redirector_says_that_one_runs_and_leaves_it_alone()
    {
        NeedServices();
        await using LabRoad road = await LabRoad.OpenAsync(Mode, cancellation: Cancellation);
        IReadOnlyDictionary<string, string> before = await StateAsync(road.Network.Client);
        CommandResult second = await road.Network.Client.RunAsync(
            Executables.Redirector, ["run", "--config", road.RedirectorProgram.ConfigurationFile], cancellation: Cancellation);
        Assert.AreNotEqual(0, second.ExitCode);
        Assert.Contains($"another fwredirect runs in this network namespace already (process {road.Redirector!.Id})", second.Error);
        Assert.IsTrue(Same(before, await StateAsync(road.Network.Client)), "the second one changed what the first one runs on");
        Assert.AreEqual(WebServer.IndexText, (await CurlAsync(road, $"http://{LabAddresses.ServerName}/")).OrThrow().Output);
    }

    [TestMethod]
    public async Task A_disposed_lab_leaves_nothing()
    {
        LabNetwork network;
        await using (LabRoad road = await LabRoad.OpenAsync(Mode == LabMode.Redirected ? LabMode.Masqueraded : Mode, cancellation: Cancellation))
        {
            network = road.Network;
            Assert.HasCount(7, network.Remains); // three namespaces, their /etc folders and the folder of files
            Assert.AreEqual(WebServer.IndexText, (await CurlAsync(road, $"http://{LabAddresses.ServerName}/")).OrThrow().Output);
        }

        Assert.IsEmpty(network.Remains);
    }

    [TestMethod]
    [DataRow(PosixSignals.Kill, DisplayName = "killed, swept by the next run")]
    [DataRow(PosixSignals.Terminate, DisplayName = "ended by a signal")]
    public async Task A_stopped_lab_program_leaves_nothing(int signal)
    {
        string log = Path.GetTempFileName();
        await using LabProcess lab = LabProcess.Start("lab", new LabCommand(Executables.Lab, "up", "--mode", nameof(LabMode.Routed)), log);
        await lab.WaitForLineAsync(line => line.StartsWith("Ctrl-C", StringComparison.Ordinal), TimeSpan.FromSeconds(30), Cancellation);
        Assert.HasCount(7, Remains(lab.Id));
        PosixSignals.Send(lab.Id, signal);
        if (signal == PosixSignals.Kill)
        {
            await lab.DisposeAsync(); // reaped: a zombie still has its /proc entry
            await using LabNetwork next = await LabNetwork.CreateAsync(LabMode.Routed, cancellation: Cancellation);
        }
        else
        {
            await lab.WaitForExitAsync(TimeSpan.FromSeconds(20), Cancellation);
        }

        Assert.IsEmpty(Remains(lab.Id));
        File.Delete(log);
    }

    private static string[] Remains(int owner) =>
        [.. new[] { "/run/netns", "/etc/netns", "/tmp" }.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFileSystemEntries(folder, $"fwr-{owner}-*"))];

    private async Task<IReadOnlyDictionary<string, string>> StateAsync(LabNamespace space)
    {
        var state = new Dictionary<string, string>();
        foreach (string command in new[] { "iptables-save", "ip6tables-save", "ip rule", "ip route show table all", "ip link" })
        {
            string[] words = command.Split(' ');
            CommandResult result = await space.RunAsync(words[0], words[1..], cancellation: Cancellation);
            // Comments of iptables-save hold the time, and policies are there once a table was looked at.
            state[command] = string.Join('\n', result.Output.Split('\n').Where(line => line.StartsWith('-') || !command.Contains("tables", StringComparison.Ordinal)));
        }

        CommandResult queues = await space.RunAsync("cat", ["/proc/net/netfilter/nfnetlink_queue"], cancellation: Cancellation);
        state["queues"] = string.Join('\n', queues.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]));
        return state;
    }

    private static bool Same(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) => one.All(pair => other[pair.Key] == pair.Value);
}
