using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Installation;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.Redirector.Installation;

[TestClass]
public sealed class ServiceVerbsTests
{
    private static readonly ServiceReport Stopped = new(ServiceState.Stopped) { LastEnd = "error 16: the driver", Log = "the log" };
    private static readonly ServiceReport Starting = new(ServiceState.Starting) { Log = "the log" };
    private static readonly ServiceReport Running = new(ServiceState.Running) { ProcessId = 42 };
    private static readonly ServiceReport Stopping = new(ServiceState.Stopping);
    private static readonly ServiceDefinition Definition = new("/opt/fwredirect", "/etc/fwredirect.json", []);
    private static readonly RedirectorOptions Options = new() { Firewalls = [new("192.168.0.1", 1745)] };

    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public void InstallSaysWhatItDidAndTheNextStep()
    {
        var control = new FakeServiceControl(ServiceReport.NotInstalled);
        Assert.AreEqual(ServiceExitCode.Done, Verbs(control, new FakeStandingBlock()).Install(Definition, Options));
        Assert.AreSame(Definition, control.Installed);
        Assert.Contains("installed; it starts with the machine", _output.ToString());
        Assert.Contains("the block stands", _output.ToString());
        Assert.Contains("fwredirect start", _output.ToString());
    }

    [TestMethod]
    public void InstalledTwiceIsUpdated()
    {
        Assert.AreEqual(ServiceExitCode.Done, Verbs(new FakeServiceControl(Running)).Install(Definition, Options));
        Assert.Contains("updated", _output.ToString());
        Assert.Contains("fwredirect stop, then fwredirect start", _output.ToString());
    }

    [TestMethod]
    public async Task UninstallStopsFirst()
    {
        var control = new FakeServiceControl(Running) { AfterAsking = [Stopping, Stopped] };
        Assert.AreEqual(ServiceExitCode.Done, await Run(verbs => verbs.UninstallAsync(TestContext.CancellationToken), control, new FakeStandingBlock()));
        CollectionAssert.AreEqual(new[] { "stop", "uninstall" }, control.Log);
        Assert.Contains("the block is gone", _output.ToString());
    }

    [TestMethod]
    public async Task UninstallOfNothingIsNoError()
    {
        var control = new FakeServiceControl(ServiceReport.NotInstalled);
        Assert.AreEqual(ServiceExitCode.Done, await Run(verbs => verbs.UninstallAsync(TestContext.CancellationToken), control, new FakeStandingBlock()));
        Assert.IsEmpty(control.Log);
        Assert.Contains("nothing to do", _output.ToString());
        Assert.Contains("the block is gone", _output.ToString(), "what a service removed by other means left would stay for ever");
    }

    [TestMethod]
    public async Task WhatDoesNotStopIsNotRemoved()
    {
        var control = new FakeServiceControl(Running) { AfterAsking = [Stopping] };
        Assert.AreEqual(ServiceExitCode.Failed, await Run(verbs => verbs.UninstallAsync(TestContext.CancellationToken), control));
        CollectionAssert.AreEqual(new[] { "stop" }, control.Log);
        Assert.Contains("did not stop within 30 s", _errors.ToString());
    }

    [TestMethod]
    public async Task StartWaitsUntilItRuns()
    {
        var control = new FakeServiceControl(Stopped) { AfterAsking = [Starting, Starting, Running] };
        Assert.AreEqual(ServiceExitCode.Done, await Run(verbs => verbs.StartAsync(TestContext.CancellationToken), control));
        Assert.Contains("started, process 42", _output.ToString());
    }

    [TestMethod]
    public async Task AStartThatFailsSaysWhyAndWhereToRead()
    {
        var control = new FakeServiceControl(Stopped) { AfterAsking = [Starting, Stopped] };
        Assert.AreEqual(ServiceExitCode.Failed, await Run(verbs => verbs.StartAsync(TestContext.CancellationToken), control));
        Assert.Contains("error 16: the driver; the reason is in the log", _errors.ToString());
    }

    [TestMethod]
    public async Task AStartThatHangsIsLeftAfterItsTime()
    {
        var control = new FakeServiceControl(Stopped) { AfterAsking = [Starting] };
        Assert.AreEqual(ServiceExitCode.Failed, await Run(verbs => verbs.StartAsync(TestContext.CancellationToken), control));
        Assert.Contains("not up after 30 s", _errors.ToString());
    }

    [TestMethod]
    public async Task WhatIsSoAlreadyIsLeft()
    {
        var running = new FakeServiceControl(Running);
        Assert.AreEqual(ServiceExitCode.Done, await Run(verbs => verbs.StartAsync(TestContext.CancellationToken), running));
        Assert.Contains("it runs already, process 42", _output.ToString());
        var stopped = new FakeServiceControl(Stopped);
        Assert.AreEqual(ServiceExitCode.Done, await Run(verbs => verbs.StopAsync(TestContext.CancellationToken), stopped));
        Assert.Contains("it does not run", _output.ToString());
        Assert.IsEmpty(running.Log);
        Assert.IsEmpty(stopped.Log);
    }

    [TestMethod]
    public async Task WithoutAServiceStartAndStopNameTheWay()
    {
        var control = new FakeServiceControl(ServiceReport.NotInstalled);
        Assert.AreEqual(ServiceExitCode.NotInstalled, await Run(verbs => verbs.StartAsync(TestContext.CancellationToken), control));
        Assert.AreEqual(ServiceExitCode.NotInstalled, await Run(verbs => verbs.StopAsync(TestContext.CancellationToken), control));
        Assert.Contains("fwredirect install --config FILE", _errors.ToString());
    }

    [TestMethod]
    public async Task StopWaits()
    {
        var control = new FakeServiceControl(Running) { AfterAsking = [Stopping, Stopping, Stopped] };
        Assert.AreEqual(ServiceExitCode.Done, await Run(verbs => verbs.StopAsync(TestContext.CancellationToken), control));
        CollectionAssert.AreEqual(new[] { "stop" }, control.Log);
        Assert.Contains("stopped", _output.ToString());
    }

    [TestMethod]
    public void StatusHasTheExitCodesOfSystemctl()
    {
        Assert.AreEqual(0, (int)Verbs(new FakeServiceControl(Running)).Status());
        Assert.AreEqual(3, (int)Verbs(new FakeServiceControl(Starting)).Status());
        Assert.AreEqual(3, (int)Verbs(new FakeServiceControl(Stopped)).Status());
        Assert.AreEqual(4, (int)Verbs(new FakeServiceControl(ServiceReport.NotInstalled)).Status());
    }

    [TestMethod]
    public void StatusSaysAllThatIsKnown()
    {
        var report = Running with
        {
            Since = new DateTimeOffset(2026, 11, 23, 20, 0, 0, TimeSpan.FromHours(1)),
            StartType = "with the machine",
            ConfigurationFile = "/etc/fwredirect.json",
            LastEnd = "not of interest while it runs",
            Log = "the log",
        };
        Verbs(new FakeServiceControl(report)).Status();
        var expected = """
            state:         running
            process:       42
            since:         2026-11-23T19:00:00Z
            start:         with the machine
            configuration: /etc/fwredirect.json
            log:           the log

            """;
        Assert.AreEqual(expected.ReplaceLineEndings(), _output.ToString());
        Verbs(new FakeServiceControl(Stopped)).Status();
        Assert.Contains("last end:      error 16: the driver", _output.ToString());
    }

    [TestMethod]
    public void TheStepOfAFailedStartIsNamed()
    {
        Assert.AreEqual("error 16: it did not start, step Diversion failed", LastEnd.Describe(16));
        Assert.AreEqual("stopped in order", LastEnd.Describe(0));
        Assert.AreEqual("it ended with exit code 134", LastEnd.Describe(134));
    }

    private ServiceVerbs Verbs(IServiceControl control, IStandingBlock? block = null) => new(control, block, _time, _output, _errors);

    /// <summary>Each pause passes at once: the clock moves while the verb waits.</summary>
    private async Task<ServiceExitCode> Run(Func<ServiceVerbs, Task<ServiceExitCode>> act, IServiceControl control, IStandingBlock? block = null)
    {
        var running = act(Verbs(control, block));
        while (!running.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        return await running;
    }
}
