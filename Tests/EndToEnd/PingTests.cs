using System.Globalization;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Debian's ping, fping and traceroute on a client without a route: unprivileged ping sockets and raw ones.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
[SupportedOSPlatform("linux")]
public sealed partial class PingTests : SharedLab<PingTests>
{
    /// <summary>What systemd sets on a machine: everybody may open a ping socket.</summary>
    protected override Task PrepareAsync() => AllowPingSocketsAsync(Road.Network.Client);

    [TestMethod]
    [DataRow(false, DisplayName = "as root, by a raw socket or a ping socket as ping likes")]
    [DataRow(true, DisplayName = "as nobody, by a ping socket")]
    public async Task Ping_is_answered_and_counts_one_hop(bool unprivileged)
    {
        CommandResult result = (await PingAsync(unprivileged, "-c", "3", "-i", "0.2", "-W", "2", LabAddresses.Server)).OrThrow();
        Assert.Contains("3 packets transmitted, 3 received, 0% packet loss", result.Output);
        Assert.Contains($"64 bytes from {LabAddresses.Server}: icmp_seq=1 ttl=63 time=", result.Output);
        Assert.DoesNotContain("DUP!", result.Output);
        Assert.DoesNotContain("wrong data", result.Output);
    }

    [TestMethod]
    public async Task Ping_by_name_finds_its_address()
    {
        CommandResult result = (await PingAsync(unprivileged: true, "-c", "1", "-W", "2", LabAddresses.ServerName)).OrThrow();
        Assert.Contains($"PING {LabAddresses.ServerName} ({LabAddresses.Server})", result.Output);
    }

    /// <summary>The true sum: 80 ms outside are 80 ms and a little for the program.</summary>
    [TestMethod]
    public async Task The_round_trip_is_the_true_one()
    {
        await using DelayedEcho late = await DelayedEcho.StartAsync(Road.Network.Outside, TimeSpan.FromMilliseconds(80));
        CommandResult result = (await PingAsync(unprivileged: true, "-c", "4", "-i", "0.2", "-W", "3", LabAddresses.Server)).OrThrow();
        double[] times = [.. RoundTrip().Matches(result.Output).Select(m => double.Parse(m.Groups["ms"].Value, CultureInfo.InvariantCulture))];
        Assert.HasCount(4, times);
        Assert.IsGreaterThan(79.0, times.Min(), result.Output);
        Assert.IsLessThan(160.0, times.Order().ElementAt(1), result.Output);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1472)]
    [DataRow(20_000)]
    public async Task Data_of_any_size_comes_back_whole(int size)
    {
        CommandResult result = (await PingAsync(unprivileged: true, "-c", "2", "-i", "0.2", "-W", "3", "-s", $"{size}", "-p", "0f1e2d3c", LabAddresses.Server)).OrThrow();
        Assert.Contains("2 packets transmitted, 2 received", result.Output);
        Assert.DoesNotContain("wrong data", result.Output);
    }

    /// <summary>ping -M do finds what fits the path, beyond the firewall too.</summary>
    [TestMethod]
    public async Task What_may_not_be_cut_and_is_too_large_is_told_so()
    {
        await MtuAsync(1300);
        try
        {
            CommandResult result = await PingAsync(unprivileged: true, "-c", "1", "-W", "2", "-M", "do", "-s", "1400", LabAddresses.Server);
            Assert.AreNotEqual(0, result.ExitCode);
            Assert.Contains("mtu", result.Output + result.Error, StringComparison.OrdinalIgnoreCase);
            (await PingAsync(unprivileged: true, "-c", "1", "-W", "2", "-M", "do", "-s", "1272", LabAddresses.Server)).OrThrow();
            (await PingAsync(unprivileged: true, "-c", "1", "-W", "2", "-M", "dont", "-s", "1400", LabAddresses.Server)).OrThrow();
        }
        finally
        {
            await MtuAsync(1500);
        }
    }

    /// <summary>Nobody answers, so nobody is told anything: ping says so after its own time.</summary>
    [TestMethod]
    public async Task What_is_not_answered_stays_unanswered()
    {
        (await Road.Network.Outside.RunAsync("ip", ["address", "add", $"{Silent}/24", "dev", "outside"], cancellation: Cancellation)).OrThrow();
        (await Road.Network.Outside.RunAsync("iptables", ["-A", "INPUT", "-d", Silent, "-j", "DROP"], cancellation: Cancellation)).OrThrow();
        CommandResult result = await PingAsync(unprivileged: true, "-c", "1", "-W", "1", Silent);
        Assert.AreEqual(1, result.ExitCode, $"{result}");
        Assert.Contains("1 packets transmitted, 0 received, 100% packet loss", result.Output);
    }

    [TestMethod]
    public async Task An_unreachable_host_is_said_to_be_so()
    {
        CommandResult result = await PingAsync(unprivileged: true, "-c", "1", "-W", "5", "131.107.0.77");
        Assert.AreEqual(1, result.ExitCode, $"{result}");
        Assert.Contains("Destination Host Unreachable", result.Output);
    }

    [TestMethod]
    public async Task The_firewall_itself_and_what_is_local_are_pinged_directly()
    {
        CommandResult result = (await PingAsync(unprivileged: true, "-c", "1", "-W", "2", LabAddresses.FirewallInside)).OrThrow();
        Assert.Contains("ttl=64", result.Output);
    }

    [TestMethod]
    public async Task Many_hosts_at_once()
    {
        CommandResult result = await InClientAsync("fping", "-c", "2", "-p", "200", "-t", "2000", LabAddresses.Server, LabAddresses.NameServer);
        result.OrThrow();
        Assert.Contains($"{LabAddresses.Server}     : xmt/rcv/%loss = 2/2/0%", result.Error.Replace("131.107.0.21 :", "131.107.0.21     :", StringComparison.Ordinal));
        Assert.Contains("2/2/0%", result.Error.Split('\n').Single(line => line.StartsWith($"{LabAddresses.NameServer} ", StringComparison.Ordinal)));
    }

    /// <summary>The firewall is the first hop, and says so itself.</summary>
    [TestMethod]
    public async Task Traceroute_shows_the_firewall_and_the_server()
    {
        NeedServices();
        CommandResult result = (await InClientAsync("traceroute", "-I", "-n", "-q", "1", "-w", "3", "-m", "5", LabAddresses.Server)).OrThrow();
        string[] hops = [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1])];
        CollectionAssert.AreEqual(new[] { LabAddresses.FirewallInside, LabAddresses.Server }, hops, result.Output);
    }

    /// <summary>A flood is cut to the quota, breaks nothing, and leaves the road open.</summary>
    [TestMethod]
    public async Task A_flood_is_bounded()
    {
        NeedServices();
        CommandResult result = await InClientAsync("ping", "-f", "-q", "-c", "3000", "-w", "6", "-W", "1", LabAddresses.Server);
        Match counted = Counted().Match(result.Output);
        Assert.IsTrue(counted.Success, $"{result}");
        int received = int.Parse(counted.Groups["received"].Value, CultureInfo.InvariantCulture);
        Assert.IsInRange(100, 1200, received, result.Output);
        CommandResult web = (await CurlAsync(Road, $"http://{LabAddresses.Server}/")).OrThrow();
        Assert.IsLessThan(TimeSpan.FromSeconds(2), web.Elapsed);
    }

    [TestMethod]
    public async Task What_the_rules_deny_is_said_to_be_filtered()
    {
        NeedServices();
        await using LabRoad road = await DenyingRoadAsync();
        CommandResult result = await road.Network.Client.RunAsync("ping", ["-n", "-c", "1", "-W", "2", LabAddresses.Server], cancellation: Cancellation);
        Assert.AreEqual(1, result.ExitCode, $"{result}");
        Assert.Contains($"From {LabAddresses.FirewallInside} icmp_seq=1 Packet filtered", result.Output);
        (await CurlAsync(road, $"http://{LabAddresses.Server}/")).OrThrow();
        // The other way to ping at the firewall: no right but the group, and the rule allows this one host.
        CommandResult allowed = (await road.Network.Client.RunAsync("ping", ["-n", "-c", "2", "-i", "0.2", "-W", "2", LabAddresses.NameServer], cancellation: Cancellation)).OrThrow();
        Assert.Contains("2 received", allowed.Output);
        Assert.Contains("ping: a ping socket", road.Log());
    }

    /// <summary>The servers' machine has it and drops whatever comes to it.</summary>
    /// <summary>A machine outside that drops what comes.</summary>
    private const string Silent = "131.107.0.98";

    private static async Task AllowPingSocketsAsync(LabNamespace machine) =>
        (await machine.RunAsync("sysctl", ["-q", "-w", "net.ipv4.ping_group_range=0 2147483647"])).OrThrow();

    private Task<CommandResult> PingAsync(bool unprivileged, params string[] arguments) => unprivileged
        ? InClientAsync("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs", "ping", "-n", .. arguments])
        : InClientAsync("ping", ["-n", .. arguments]);

    private Task<CommandResult> InClientAsync(string program, params string[] arguments) => Road.Network.Client.RunAsync(program, arguments, cancellation: Cancellation);

    private async Task MtuAsync(int mtu)
    {
        foreach (LabNamespace machine in new[] { Road.Network.Firewall, Road.Network.Outside })
            (await machine.RunAsync("ip", ["link", "set", "outside", "mtu", $"{mtu}"], cancellation: Cancellation)).OrThrow();
    }

    private async Task<LabRoad> DenyingRoadAsync()
    {
        LabRoad road = await LabRoad.OpenAsync(Mode, cancellation: Cancellation);
        await road.KillFirewallAsync();
        await AllowPingSocketsAsync(road.Network.Firewall);
        string file = road.FirewallProgram.ConfigurationFile;
        string configuration = await File.ReadAllTextAsync(file, Cancellation);
        const string Rules = """
            "Rules": [ { "Name": "ping of the name server", "Action": "Allow", "Destinations": ["131.107.0.2"], "Protocols": ["Ping"] },
                       { "Name": "connections", "Action": "Allow", "Protocols": ["TCP", "UDP"] } ]
            """;
        await File.WriteAllTextAsync(file, configuration.TrimEnd().TrimEnd('}') + "," + Rules + "}", Cancellation);
        await road.StartFirewallAsync(Cancellation);
        // A firewall that was away is found again in a second or two (Redirector/README.md, "The way to the firewall").
        (await CurlAsync(road, "--retry", "8", "--retry-delay", "1", "--retry-all-errors", "-o", "/dev/null", $"http://{LabAddresses.Server}/")).OrThrow();
        return road;
    }

    [GeneratedRegex(@"time=(?<ms>[\d.]+) ms", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RoundTrip();

    [GeneratedRegex(@"(?<sent>\d+) packets transmitted, (?<received>\d+) received", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Counted();
}
