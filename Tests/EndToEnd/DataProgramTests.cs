using System.Globalization;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Clients of databases, caches, directories and message brokers. One lab for all.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class DataProgramTests : ProgramLab<DataProgramTests>
{
    private const string Name = LabAddresses.ServerName;

    protected override Task<Task<LabProcess>[]> StartServersAsync(LabNetwork network) => Task.FromResult<Task<LabProcess>[]>(
    [
        PostgresServer.StartAsync(network, Cancellation), RedisServer.StartAsync(network, Cancellation), MemoryCacheServer.StartAsync(network, Cancellation),
        MessageServer.StartAsync(network, Cancellation), DirectoryServer.StartAsync(network, Cancellation),
    ]);

    [TestMethod]
    public async Task Psql_asks_and_both_see_whom_they_should()
    {
        Assert.AreEqual($"{SeenAddress}|{LabAddresses.Server}\n", await PsqlAsync("select host(inet_client_addr()), host(inet_server_addr())"));
        Assert.Contains($"on host \"{Name}\" (address \"{LabAddresses.Server}\") at port \"5432\"", await OutputAsync("psql", "-h", Name, "-U", PostgresServer.User, "-c", "\\conninfo"));
    }

    [TestMethod]
    public async Task Psql_copies_fifty_megabytes_in_and_out()
    {
        // 1,000,000 lines of 53 bytes.
        const string Lines = "seq -f '%012.0f the quick brown fox jumps over the dog' 1 1000000";
        string psql = $"psql -h {Name} -U {PostgresServer.User} -qX -v ON_ERROR_STOP=1";
        await PsqlAsync("create table copied(line text)");
        string sent = await BashAsync($"{Lines} | tee >({psql} -c '\\copy copied from stdin' >&2) | sha256sum");
        Assert.AreEqual("1000000\n", await WaitForRowsAsync());
        Assert.AreEqual(sent, await BashAsync($"{psql} -c '\\copy copied to stdout' | sha256sum"));
    }

    /// <summary>Ctrl-C makes psql open another connection, on which it asks for the end of the query.</summary>
    [TestMethod]
    public async Task Psql_cancels_a_query_by_a_second_connection()
    {
        CommandResult result = await RunAsync("timeout", "--signal=INT", "1", "psql", "-h", Name, "-U", PostgresServer.User, "-c", "select pg_sleep(30)");
        Assert.Contains("canceling statement due to user request", result.Error, result.ToString());
        Assert.IsLessThan(TimeSpan.FromSeconds(4), result.Elapsed);
    }

    [TestMethod]
    public async Task Pgbench_opens_a_connection_for_each_transaction()
    {
        await OutputAsync("bash", "-c", $"$(ls -d /usr/lib/postgresql/*/bin | tail -1)/pgbench -h {Name} -U {PostgresServer.User} -i -q postgres");
        string result = await OutputAsync("bash", "-c", $"$(ls -d /usr/lib/postgresql/*/bin | tail -1)/pgbench -h {Name} -U {PostgresServer.User} -C -c 8 -t 20 -S postgres");
        Assert.Contains("number of transactions actually processed: 160/160", result);
    }

    [TestMethod]
    public async Task Redis_cli_sets_and_gets_and_is_seen_as_the_firewall()
    {
        Assert.AreEqual("PONG\n", await OutputAsync("redis-cli", "-h", Name, "ping"));
        Assert.Contains($" addr={SeenAddress}:", await OutputAsync("redis-cli", "-h", Name, "client", "list"));
        await FileAsync(Path.Combine(Folder, "value"), 5_000_000);
        Assert.AreEqual("OK\n", await BashAsync($"redis-cli -h {Name} -x set big < {Folder}/value"));
        // It ends what it prints with a line feed.
        await BashAsync($"redis-cli -h {Name} get big | head -c -1 > {Folder}/value.back");
        await AssertSameAsync(Path.Combine(Folder, "value"), Path.Combine(Folder, "value.back"));
    }

    /// <summary>A long poll: nothing crosses in either direction until somebody else writes.</summary>
    [TestMethod]
    public async Task Redis_blocks_until_another_program_pushes()
    {
        await using LabProcess waiting = Network.Client.Start("blpop", new LabCommand("redis-cli", "-h", Name, "blpop", "queue", "30"));
        await WaitForOutsideAsync("redis-cli", $"-h {LabAddresses.Server} client list", "cmd=blpop");
        Assert.AreEqual("1\n", await OutputAsync("redis-cli", "-h", Name, "rpush", "queue", "job"));
        await waiting.WaitForLineAsync(line => line == "job", AtOnce, Cancellation);
    }

    [TestMethod]
    public async Task Redis_benchmark_runs_fifty_connections_of_pipelines()
    {
        string result = await OutputAsync("redis-benchmark", "-h", Name, "-n", "50000", "-c", "50", "-P", "16", "-t", "get", "--csv");
        double second = double.Parse(result.Split('\n')[1].Split('"')[3], CultureInfo.InvariantCulture);
        TestContext.WriteLine($"{second:F0} requests a second");
        Assert.IsGreaterThan(100, second);
    }

    [TestMethod]
    public async Task Memcached_by_nc()
    {
        string result = await OutputAsync("bash", "-c", $"printf 'set key 0 0 5\\r\\nhello\\r\\nget key\\r\\nquit\\r\\n' | nc -w 5 {Name} {MemoryCacheServer.Port}");
        Assert.AreEqual("STORED\r\nVALUE key 0 5\r\nhello\r\nEND\r\n", result);
    }

    [TestMethod]
    public async Task Mosquitto_publishes_to_a_subscriber()
    {
        await using LabProcess subscriber = Network.Client.Start("mosquitto_sub", new LabCommand("stdbuf", "-oL", "mosquitto_sub", "-h", Name, "-t", "lab/#", "-q", "1", "-i", "subscriber", "-v", "-d"));
        await subscriber.WaitForLineAsync(line => line.Contains("Subscribed", StringComparison.Ordinal), AtOnce * 5, Cancellation);
        await OutputAsync("mosquitto_pub", "-h", Name, "-t", "lab/one", "-m", "first");
        await OutputAsync("mosquitto_pub", "-h", Name, "-t", "lab/two", "-q", "2", "-m", "second");
        await subscriber.WaitForLineAsync(line => line == "lab/one first", AtOnce, Cancellation);
        await subscriber.WaitForLineAsync(line => line == "lab/two second", AtOnce, Cancellation);
    }

    [TestMethod]
    public async Task Ldapsearch_finds_everybody()
    {
        string result = await OutputAsync("ldapsearch", "-x", "-LLL", "-H", $"ldap://{Name}", "-b", DirectoryServer.Suffix, "(objectClass=inetOrgPerson)", "mail");
        Assert.AreEqual(DirectoryServer.People, result.Split('\n').Count(line => line.StartsWith("mail: person", StringComparison.Ordinal)));
    }

    private Task<string> PsqlAsync(string query) => OutputAsync("psql", "-h", Name, "-U", PostgresServer.User, "-qXAt", "-v", "ON_ERROR_STOP=1", "-c", query);

    /// <summary>bash does not wait for what stands in brackets.</summary>
    private async Task<string> WaitForRowsAsync()
    {
        while (true)
        {
            string rows = await PsqlAsync("select count(*) from copied");
            if (rows != "0\n") return rows;
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancellation);
        }
    }

    private async Task WaitForOutsideAsync(string program, string arguments, string expected)
    {
        for (int round = 0; round < 100; round++)
        {
            if ((await Network.Outside.RunAsync(program, arguments.Split(' '), cancellation: Cancellation)).Output.Contains(expected, StringComparison.Ordinal)) return;
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancellation);
        }

        Assert.Fail($"{program} {arguments} does not show {expected}");
    }
}
