using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Tests of programs that share one lab.</summary>
public abstract class ProgramLab<TClass> : SharedLab<TClass>
    where TClass : ProgramLab<TClass>
{
    /// <summary>What a person takes for "at once".</summary>
    protected static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(2);

    protected static LabNetwork Network => Road.Network;

    /// <summary>Whom the servers see.</summary>
    protected static string SeenAddress => Mode == LabMode.Routed ? LabAddresses.Client : LabAddresses.FirewallOutside;

    /// <summary>A folder of this class for what programs on the client write.</summary>
    protected static string Folder => Directory.CreateDirectory(Path.Combine(Network.Folder, "programs")).FullName;

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
