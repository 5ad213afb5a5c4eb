using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Servers;
using FwRedirect.Lab.Wine;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>The Windows service, by Wine's service manager, and what is said where the driver is not as it should be.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class WineServiceTests : WineTest
{
    private const int Running = 0;
    private const int Stopped = 3;
    private const int NotInstalled = 4;

    private static WineRoad? _road;

    private static WineRoad Road => _road!;

    [TestInitialize]
    public async Task OpenRoad() => _road ??= await WineRoad.OpenAsync(Cancellation);

    [TestCleanup]
    public void ShowLogs()
    {
        if (TestContext.CurrentTestOutcome != UnitTestOutcome.Passed && _road is not null) TestContext.WriteLine(_road.Log());
    }

    [ClassCleanup]
    public static async Task CloseRoad()
    {
        if (_road is not null) await _road.DisposeAsync();
        _road = null;
    }

    [TestMethod]
    public async Task The_service_is_installed_started_asked_stopped_and_removed()
    {
        try
        {
            await ExpectAsync(Running, "install");
            await ExpectAsync(Stopped, "status");
            await ExpectAsync(Running, "start");
            await ExpectAsync(Running, "status");
            CommandResult page = (await Road.Network.Client.RunAsync("curl", ["-sS", "--max-time", "20", $"http://{LabAddresses.ServerName}/"], cancellation: Cancellation)).OrThrow();
            Assert.AreEqual(WebServer.IndexText, page.Output);
            ExpectReadable(await Road.Wine.RunAsync(Road.Program.Command("run"), Cancellation), "another fwredirect runs on this machine already");
            await ExpectAsync(Running, "stop");
            await ExpectAsync(Stopped, "status");
        }
        finally
        {
            // The prefix is kept: what stays installed would run in the next lab, too.
            await Road.Wine.RunAsync(Road.Program.Verb("stop"), Cancellation);
            await ExpectAsync(Running, "uninstall");
        }

        await ExpectAsync(NotInstalled, "status");
    }

    [TestMethod]
    [DataRow("run")]
    [DataRow("check")]
    public async Task Without_the_driver_it_is_said_which_file_is_missing(string verb)
    {
        CommandResult result = await Road.Wine.RunAsync(Road.Program.Command(verb, withDriver: false), Cancellation);
        ExpectReadable(result, "WinDivert.dll");
    }

    [TestMethod]
    [DataRow("run")]
    [DataRow("check")]
    public async Task A_driver_that_is_not_known_is_not_loaded(string verb)
    {
        string other = new('0', 64);
        CommandResult result = await Road.Wine.RunAsync(Road.Program.Command(verb, overrides: ["--DriverHashes", other]), Cancellation);
        ExpectReadable(result, "is not the file of WinDivert 2.2.2-A: its SHA-256 is");
    }

    [TestMethod]
    [DataRow("run", 2, "antivirus")]
    [DataRow("run", 3, "another product")]
    [DataRow("run", 5, "administrator")]
    [DataRow("run", 577, "signature")]
    [DataRow("run", 1058, "sc stop WinDivert")]
    [DataRow("run", 1275, "blocklist")]
    [DataRow("check", 2, "antivirus")]
    [DataRow("check", 3, "another product")]
    [DataRow("check", 5, "administrator")]
    [DataRow("check", 577, "signature")]
    [DataRow("check", 1058, "sc stop WinDivert")]
    [DataRow("check", 1275, "blocklist")]
    public async Task What_the_driver_says_becomes_a_sentence_with_its_number(string verb, int code, string word)
    {
        LabCommand command = Road.Program.Command(verb);
        var environment = new Dictionary<string, string>(command.Environment) { ["WINDIVERT_STANDIN_OPEN_ERROR"] = $"{code}" };
        CommandResult result = await Road.Wine.RunAsync(command with { Environment = environment }, Cancellation);
        ExpectReadable(result, $"{code}");
        Assert.Contains(word, result.Output + result.Error, StringComparison.OrdinalIgnoreCase);
    }

    private static void ExpectReadable(CommandResult result, string text)
    {
        Assert.AreNotEqual(0, result.ExitCode, $"{result}");
        Assert.Contains(text, result.Output + result.Error);
        Assert.DoesNotContain("   at ", result.Output + result.Error, "a stack trace");
    }

    private async Task ExpectAsync(int exitCode, string verb)
    {
        LabCommand command = verb == "install" ? Road.Program.Command(verb) : Road.Program.Verb(verb);
        CommandResult result = await Road.Wine.RunAsync(command, Cancellation);
        TestContext.WriteLine(result.ToString());
        Assert.AreEqual(exitCode, result.ExitCode, $"{result}");
    }
}
