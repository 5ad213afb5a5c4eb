using System.Diagnostics.CodeAnalysis;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Tests of programs that share one lab, with servers of their own beside those that every lab has.</summary>
public abstract class ProgramLab<TClass> : LabTest
    where TClass : ProgramLab<TClass>
{
    /// <summary>What a person takes for "at once".</summary>
    protected static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(2);

    private static LabRoad? _road;
    private static LabServers? _servers;

    protected static LabRoad Road => _road!;

    protected static LabNetwork Network => Road.Network;

    /// <summary>Whom the servers see.</summary>
    protected static string SeenAddress => Mode == LabMode.Routed ? LabAddresses.Client : LabAddresses.FirewallOutside;

    /// <summary>A folder of this class for what programs on the client write.</summary>
    protected static string Folder => Directory.CreateDirectory(Path.Combine(Network.Folder, "programs")).FullName;

    /// <summary>Keys of fwhost over those of its file.</summary>
    protected virtual string[] FirewallArguments => [];

    [TestInitialize]
    public async Task OpenRoad()
    {
        NeedPrograms();
        if (_road is not null) return;
        _road = await LabRoad.OpenAsync(Mode, firewallArguments: FirewallArguments, cancellation: Cancellation);
        _servers = await LabServers.WhenAllAsync(await StartServersAsync(_road.Network));
    }

    [TestCleanup]
    public void ShowLogs()
    {
        if (TestContext.CurrentTestOutcome == UnitTestOutcome.Passed || _road is null) return;
        TestContext.WriteLine(_servers?.Log() ?? "");
        TestContext.WriteLine(_road.Log());
    }

    [SuppressMessage("Design", "CA1000", Justification = "The test platform calls it, once for each class.")]
    [ClassCleanup(InheritanceBehavior.BeforeEachDerivedClass)]
    public static async Task CloseRoad()
    {
        (LabRoad? road, LabServers? servers) = (_road, _servers);
        (_road, _servers) = (null, null);
        try
        {
            if (servers is not null) await servers.DisposeAsync();
        }
        finally
        {
            if (road is not null) await road.DisposeAsync();
        }
    }

    protected virtual Task<Task<LabProcess>[]> StartServersAsync(LabNetwork network) => Task.FromResult<Task<LabProcess>[]>([]);

    /// <summary>Before the lab is opened: what cannot be had on each machine.</summary>
    protected virtual void NeedPrograms()
    {
    }

    /// <summary>A program on the client, to its end, whatever that is.</summary>
    protected Task<CommandResult> RunAsync(string program, params string[] arguments) => Network.Client.RunAsync(program, arguments, cancellation: Cancellation);

    /// <summary>A program on the client that has to succeed; what it printed.</summary>
    protected async Task<string> OutputAsync(string program, params string[] arguments) => (await RunAsync(program, arguments)).OrThrow().Output;

    /// <summary>A line of bash on the client, for pipes; it fails where one of its programs fails.</summary>
    protected Task<string> BashAsync(string script) => OutputAsync("bash", "-o", "pipefail", "-ec", script);

    protected Task<string> CurlOutputAsync(params string[] arguments) => OutputAsync("curl", ["--silent", "--show-error", "--fail", "--max-time", "50", .. arguments]);

    /// <summary>Random bytes from a fixed seed, so that a failure can be repeated.</summary>
    protected async Task<string> FileAsync(string path, int bytes)
    {
        byte[] content = new byte[bytes];
        new Random(bytes).NextBytes(content);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, content, Cancellation);
        return path;
    }

    protected async Task AssertSameAsync(string expected, string actual)
    {
        byte[] content = await File.ReadAllBytesAsync(expected, Cancellation);
        byte[] arrived = await File.ReadAllBytesAsync(actual, Cancellation);
        Assert.IsTrue(content.AsSpan().SequenceEqual(arrived), $"{actual} is not what {expected} is");
    }

    protected static void NeedProgram(string program, string package)
    {
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, program))))
            Assert.Inconclusive($"needs {program}, of the package {package}");
    }

    protected static string[] SshOptions =>
    [
        "-F", "none", "-i", SshServer.ClientKey(Network), "-o", $"UserKnownHostsFile={SshServer.KnownHosts(Network)}",
        "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10",
    ];
}
