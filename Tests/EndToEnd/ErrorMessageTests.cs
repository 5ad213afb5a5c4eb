using System.Text.Json.Nodes;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>What a person reads when a connection does not come about, and how soon. One lab for all; its firewall forbids one port.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class ErrorMessageTests : ProgramLab<ErrorMessageTests>
{
    private const int ForbiddenPort = 81;

    /// <summary>Nobody answers there and no router says so: it is blackholed outside.</summary>
    private const string Silent = "131.107.0.77";

    protected override string[] FirewallArguments =>
    [
        "--Rules:0:Name", "one-port", "--Rules:0:Action", "Deny", "--Rules:0:Ports:0", $"{ForbiddenPort}",
        "--Rules:1:Name", "the-rest", "--Rules:1:Action", "Allow",
    ];

    protected override async Task<Task<LabProcess>[]> StartServersAsync(LabNetwork network)
    {
        foreach (LabNamespace space in new[] { network.Firewall, network.Outside })
            (await space.RunAsync("iptables", ["-A", "OUTPUT", "-d", Silent, "-j", "DROP"], cancellation: Cancellation)).OrThrow();
        // A neighbour that is known, so that nobody waits for ARP.
        (await network.Firewall.RunAsync("ip", ["neigh", "add", Silent, "lladdr", "02:00:00:00:00:77", "dev", "outside"], cancellation: Cancellation)).OrThrow();
        if (Road.Redirector is not null) await MakeLocalAsync("10.0.0.0/8");
        return [];
    }

    [TestMethod]
    [DataRow("ssh -o BatchMode=yes -p 9 ftp.contoso.com", "ssh: connect to host ftp.contoso.com port 9: Connection refused")]
    [DataRow("psql -h ftp.contoso.com -p 9 -c select -U lab", "connection to server at \"ftp.contoso.com\" (131.107.0.21), port 9 failed: Connection refused")]
    [DataRow("wget -t 1 -O - http://ftp.contoso.com:9/", "failed: Connection refused")]
    [DataRow("redis-cli -h ftp.contoso.com -p 9 ping", "Could not connect to Redis at ftp.contoso.com:9: Connection refused")]
    [DataRow("git ls-remote git://ftp.contoso.com:9/x", "errno=Connection refused")]
    [DataRow("rsync rsync://ftp.contoso.com:9/", "failed to connect to ftp.contoso.com (131.107.0.21): Connection refused (111)")]
    [DataRow("nc -z -v ftp.contoso.com 9", "nc: connect to ftp.contoso.com (131.107.0.21) port 9 (tcp) failed: Connection refused")]
    [DataRow("curl -sS http://ftp.contoso.com:9/", "curl: (7) Failed to connect to ftp.contoso.com port 9 after")]
    public async Task Refused(string command, string message) => await AssertFailsAsync(command, message, AtOnce);

    [TestMethod]
    [DataRow("ssh -o BatchMode=yes 131.107.0.99", "ssh: connect to host 131.107.0.99 port 22: No route to host")]
    [DataRow("psql -h 131.107.0.99 -c select -U lab", "failed: No route to host")]
    [DataRow("wget -t 1 -O - http://unreachable.contoso.com/", "failed: No route to host")]
    [DataRow("curl -sS http://131.107.0.99/", "curl: (7) Failed to connect to 131.107.0.99 port 80 after")]
    public async Task Unreachable(string command, string message) => await AssertFailsAsync(command, message, AtOnce);

    [TestMethod]
    [DataRow("ssh -o BatchMode=yes nosuchhost.contoso.com", "ssh: Could not resolve hostname nosuchhost.contoso.com: Name or service not known")]
    [DataRow("psql -h nosuchhost.contoso.com -c select -U lab", "could not translate host name \"nosuchhost.contoso.com\" to address: Name or service not known")]
    [DataRow("wget -t 1 -O - http://nosuchhost.contoso.com/", "wget: unable to resolve host address")]
    [DataRow("curl -sS http://nosuchhost.contoso.com/", "curl: (6) Could not resolve host: nosuchhost.contoso.com")]
    [DataRow("git ls-remote git://nosuchhost.contoso.com/x", "(Name or service not known)")]
    [DataRow("rsync rsync://nosuchhost.contoso.com/", "Name or service not known")]
    public async Task A_name_that_is_not(string command, string message) => await AssertFailsAsync(command, message, AtOnce);

    /// <summary>Linux says EHOSTUNREACH for "administratively prohibited" (icmp(7)).</summary>
    [TestMethod]
    [DataRow("ssh -o BatchMode=yes -p 81 ftp.contoso.com", "ssh: connect to host ftp.contoso.com port 81: No route to host")]
    [DataRow("psql -h ftp.contoso.com -p 81 -c select -U lab", "failed: No route to host")]
    [DataRow("curl -sS http://ftp.contoso.com:81/", "curl: (7) Failed to connect to ftp.contoso.com port 81 after")]
    public async Task Forbidden(string command, string message)
    {
        NeedServices();
        await AssertFailsAsync(command, message, AtOnce);
        string line = await WaitForDenialAsync();
        Assert.Contains("\tone-port\tWSAEACCES\t", line);
    }

    /// <summary>Each by its own patience, and none before it: silence outside is silence inside.</summary>
    [TestMethod]
    [DataRow("curl -sS --connect-timeout 2 http://131.107.0.77/", "Timeout was reached")]
    [DataRow("ssh -o BatchMode=yes -o ConnectTimeout=2 131.107.0.77", "Connection timed out")]
    [DataRow("nc -z -v -w 2 131.107.0.77 80", "timed out")]
    [DataRow("wget -t 1 -T 2 -O - http://131.107.0.77/", "failed: Connection timed out")]
    public async Task Timed_out(string command, string message)
    {
        CommandResult result = await AssertFailsAsync(command, message, TimeSpan.FromSeconds(4));
        Assert.IsGreaterThan(TimeSpan.FromSeconds(1.5), result.Elapsed);
    }

    /// <summary>The firewall's own server is silent: its look-up gives up before the program's resolver does, or that says the same.</summary>
    [TestMethod]
    [DataRow("ssh -o BatchMode=yes silent.contoso.com", "ssh: Could not resolve hostname silent.contoso.com: Temporary failure in name resolution")]
    [DataRow("wget -t 1 -O - http://silent.contoso.com/", "wget: unable to resolve host address")]
    [DataRow("dig +time=8 +tries=1 silent.contoso.com", "status: SERVFAIL")]
    public async Task A_name_that_nobody_answers(string command, string message)
    {
        NeedServices();
        int server = Road.Servers["dnsmasq"].Id;
        PosixSignals.Send(server, PosixSignals.Stop);
        try
        {
            CommandResult result = await RunAsync(command.Split(' ')[0], command.Split(' ')[1..]);
            Assert.Contains(message, result.Output + result.Error, result.ToString());
            Assert.IsLessThan(TimeSpan.FromSeconds(6), result.Elapsed, result.ToString());
        }
        finally
        {
            PosixSignals.Send(server, PosixSignals.Continue);
        }
    }

    /// <summary>Local by the client's file, but its own routes lead nowhere: as it would be without fwredirect.</summary>
    [TestMethod]
    [DataRow("ssh -o BatchMode=yes 10.1.2.3", "ssh: connect to host 10.1.2.3 port 22: Network is unreachable")]
    [DataRow("psql -h 10.1.2.3 -c select -U lab", "failed: Network is unreachable")]
    [DataRow("nc -z -v 10.1.2.3 80", "failed: Network is unreachable")]
    public async Task A_local_address_without_a_way(string command, string message)
    {
        NeedServices();
        await AssertFailsAsync(command, message, AtOnce);
    }

    /// <summary>UDP's send succeeds; the error is that of the socket's next call.</summary>
    [TestMethod]
    public async Task A_local_address_without_a_way_by_udp()
    {
        NeedServices();
        CommandResult result = await RunAsync("bash", "-c", "exec 3<>/dev/udp/10.1.2.3/7; echo x >&3 && read -t 3 -u 3");
        Assert.Contains("Network is unreachable", result.Error, result.ToString());
        Assert.DoesNotContain("not permitted", result.Error, result.ToString());
        Assert.IsLessThan(AtOnce, result.Elapsed, result.ToString());
    }

    private async Task MakeLocalAsync(string addresses)
    {
        await Road.Redirector!.StopAsync();
        string file = Road.RedirectorProgram.ConfigurationFile;
        JsonNode configuration = JsonNode.Parse(await File.ReadAllTextAsync(file, Cancellation))!;
        configuration["LocalAddresses"] = new JsonArray(addresses);
        await File.WriteAllTextAsync(file, configuration.ToJsonString(), Cancellation);
        await Road.StartRedirectorAsync(Cancellation);
    }

    private async Task<CommandResult> AssertFailsAsync(string command, string message, TimeSpan bound)
    {
        string[] words = command.Split(' ');
        CommandResult result = await RunAsync(words[0], words[0] == "ssh" ? ["-F", "none", .. words[1..]] : words[1..]);
        Assert.AreNotEqual(0, result.ExitCode, $"{result}");
        Assert.Contains(message, result.Output + result.Error, result.ToString());
        Assert.IsLessThan(bound, result.Elapsed, result.ToString());
        return result;
    }

    private async Task<string> WaitForDenialAsync()
    {
        while (true)
        {
            string[] lines = await File.ReadAllLinesAsync(Road.FirewallProgram.AccessLogFile, Cancellation);
            if (lines.FirstOrDefault(line => line.Contains("\tDenied\t", StringComparison.Ordinal)) is { } denied) return denied;
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancellation);
        }
    }
}
