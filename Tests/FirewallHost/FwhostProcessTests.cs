using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using Microsoft.Extensions.Logging.Abstractions;
using SessionEnd = FwRedirect.ControlChannel.Session.SessionEnd;

namespace FwRedirect.Tests.FirewallHost;

/// <summary>The built executable: start, logon against its own account file, stop.</summary>
[TestClass]
public sealed class FwhostProcessTests : IClientChannelHandler
{
    private const int ControlPort = 21745;

    // Loopback is large: another run of the tests at the same time has another address of it.
    private static readonly string Inside = $"127.44.{(Environment.ProcessId >> 8) & 255}.{Environment.ProcessId & 255}";

    private readonly string _folder = Directory.CreateTempSubdirectory("fwhost-").FullName;

    [TestCleanup]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [Timeout(120_000)]
    [OSCondition(OperatingSystems.Linux)]
    public async Task Right_password_is_let_in_wrong_one_is_not_and_a_signal_ends_it()
    {
        if (!Directory.Exists("/usr/lib") || !Directory.EnumerateFiles("/usr/lib", "gssntlmssp.so", SearchOption.AllDirectories).Any())
            Assert.Inconclusive("gss-ntlmssp is not installed");
        var config = Path.Combine(_folder, "fwhost.json");
        await File.WriteAllTextAsync(
            config,
            $$"""{ "InternalAddresses": ["{{Inside}}"], "ExternalAddress": "127.43.0.2", "ControlPort": {{ControlPort}}, "DataPorts": "20200-20210", "Domain": "CONTOSO" }""");
        using (var add = Start("user", "add", "alice", "--config", config, "--password-stdin"))
        {
            await add.StandardInput.WriteLineAsync("Secret-1");
            add.StandardInput.Close();
            await add.WaitForExitAsync();
            Assert.AreEqual(0, add.ExitCode, await add.StandardError.ReadToEndAsync());
        }

        using var host = Start("run", "--config", config);
        try
        {
            var ready = await host.StandardOutput.ReadLineAsync();
            Assert.IsNotNull(ready, ready is null ? await host.StandardError.ReadToEndAsync() : "");
            Assert.Contains("ready", ready);

            using (var second = Start("run", "--config", config, "--DataPorts", "dynamic"))
            {
                try
                {
                    await second.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
                }
                finally
                {
                    second.Kill();
                }

                Assert.AreEqual(1, second.ExitCode);
                Assert.Contains($"{Inside}:{ControlPort}", await second.StandardError.ReadToEndAsync());
            }

            await using (var channel = await OpenAsync("Secret-1"))
                Assert.AreEqual("CONTOSO\\alice", channel.User, ignoreCase: true);
            await Assert.ThrowsExactlyAsync<ChannelException>(() => OpenAsync("wrong"));
        }
        finally
        {
            using var kill = Process.Start("kill", ["-TERM", $"{host.Id}"]);
            await host.WaitForExitAsync();
        }

        Assert.AreEqual(0, host.ExitCode);
    }

    /// <summary>A configuration behind a link is changed where nobody watches: the signal is what tells.</summary>
    [TestMethod]
    [Timeout(120_000)]
    [OSCondition(OperatingSystems.Linux)]
    public async Task Hang_up_makes_it_read_its_configuration_again()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(_folder, "elsewhere")).FullName;
        var file = Path.Combine(elsewhere, "the.json");
        string Configuration(string rules) =>
            $$"""{ "InternalAddresses": ["{{Inside}}"], "ExternalAddress": "127.43.0.2", "ControlPort": {{ControlPort}}, "DataPorts": "dynamic", "StatusEndpoint": "none", "Rules": [{{rules}}] }""";
        await File.WriteAllTextAsync(file, Configuration(""));
        var config = Path.Combine(_folder, "fwhost.json");
        File.CreateSymbolicLink(config, file);
        using var host = Start("run", "--config", config);
        try
        {
            await LineAsync(host, "ready");
            await File.WriteAllTextAsync(file, Configuration("""{ "Name": "none", "Action": "Deny" }"""));
            using (Process.Start("kill", ["-HUP", $"{host.Id}"]))
                Assert.Contains("Rules are in force", await LineAsync(host, "read again"));
            await File.WriteAllTextAsync(file, Configuration("""{ "Name": "none", "Action": "Perhaps" }"""));
            using (Process.Start("kill", ["-HUP", $"{host.Id}"]))
                Assert.Contains("Perhaps", await LineAsync(host, "what was in force stays"));
        }
        finally
        {
            using var kill = Process.Start("kill", ["-TERM", $"{host.Id}"]);
            await host.WaitForExitAsync();
        }

        Assert.AreEqual(0, host.ExitCode);
    }

    private static async Task<string> LineAsync(Process host, string part)
    {
        while (await host.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains(part, StringComparison.Ordinal))
                return line;
        }

        throw new AssertFailedException($"it ended before it said '{part}': {await host.StandardError.ReadToEndAsync()}");
    }

    public void NewMapping(RwsClientChannel channel, NewMapping mapping)
    {
    }

    public void Closed(RwsClientChannel channel, Close close)
    {
    }

    public void Ended(RwsClientChannel channel, SessionEnd end)
    {
    }

    private async Task<RwsClientChannel> OpenAsync(string password)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse($"{Inside}:{ControlPort}"));
        return await RwsClientChannel.OpenAsync(
            new NetworkStream(socket, ownsSocket: true),
            new ClientChannelOptions
            {
                Application = "ftp.exe",
                Client = new ClientInfo("alice", "CLIENT", "Windows XP", 32),
                Packages = ["NTLM"],
                Credential = new NetworkCredential("alice", password, "CONTOSO"),
            },
            this, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
    }

    private static Process Start(params string[] arguments)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FwRedirect.sln")))
            folder = folder.Parent;
        var executable = folder is null ? "" : Path.Combine(folder.FullName, "artifacts/bin/FirewallHost/release/fwhost");
        if (!File.Exists(executable))
            Assert.Inconclusive("artifacts/bin/FirewallHost/release/fwhost is not built");
        return Process.Start(new ProcessStartInfo(executable, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }
}
