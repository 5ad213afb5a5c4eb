using System.Globalization;
using FwRedirect.Redirector.Configuration;

namespace FwRedirect.Redirector.Installation;

/// <summary>install, uninstall, start, stop and status, the same on every system: each can be repeated, and says what it found and what it did.</summary>
internal sealed class ServiceVerbs(IServiceControl control, IStandingBlock? block, TimeProvider time, TextWriter output, TextWriter errors)
{
    /// <summary>A start looks up the firewall's name and opens the driver; a stop resets each flow. Either takes a second, and what takes longer than this hangs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public ServiceExitCode Install(ServiceDefinition service, RedirectorOptions options)
    {
        var before = control.Read();
        control.Install(service);
        output.WriteLine(before.State == ServiceState.NotInstalled ? "installed; it starts with the machine" : "it was installed already; updated");
        output.WriteLine($"program:       {service.Program}");
        output.WriteLine($"configuration: {service.ConfigurationFile}");
        Say(block?.Apply(options));
        output.WriteLine(before.State is ServiceState.NotInstalled or ServiceState.Stopped
            ? "start it now: fwredirect start"
            : "it runs with what it had; for the change: fwredirect stop, then fwredirect start");
        return ServiceExitCode.Done;
    }

    public async Task<ServiceExitCode> UninstallAsync(CancellationToken cancellation)
    {
        var before = control.Read();
        if (before.State is not (ServiceState.NotInstalled or ServiceState.Stopped))
        {
            if (before.State != ServiceState.Stopping)
                control.Stop();
            if (await SettleAsync(cancellation) is { State: not ServiceState.Stopped } stuck)
                return Fail($"it did not stop within {Patience.TotalSeconds:0} s (it is {Words(stuck.State)}); nothing was removed");
        }

        if (before.State != ServiceState.NotInstalled)
            control.Uninstall();
        // Also where there is no service: the block of one that was removed by other means would stay for ever.
        Say(block?.Remove());
        Say(before.State == ServiceState.NotInstalled ? "it is not installed: nothing to do" : "uninstalled; the configuration file was left");
        return ServiceExitCode.Done;
    }

    public async Task<ServiceExitCode> StartAsync(CancellationToken cancellation)
    {
        var before = control.Read();
        switch (before.State)
        {
            case ServiceState.NotInstalled:
                return NotInstalled();
            case ServiceState.Running:
                Say($"it runs already, process {before.ProcessId}");
                return ServiceExitCode.Done;
            case ServiceState.Stopping:
                return Fail("it is just being stopped; try again when \"fwredirect status\" says stopped");
        }

        if (before.State == ServiceState.Stopped)
            control.Start();
        var after = await SettleAsync(cancellation);
        if (after.State == ServiceState.Running)
        {
            Say($"started, process {after.ProcessId}");
            return ServiceExitCode.Done;
        }

        return Fail(after.State == ServiceState.Starting
            ? $"it is not up after {Patience.TotalSeconds:0} s and still tries; see: fwredirect status"
            : $"it did not start: {after.LastEnd ?? "the system does not say why"}{Reason(after)}");
    }

    public async Task<ServiceExitCode> StopAsync(CancellationToken cancellation)
    {
        var before = control.Read();
        if (before.State == ServiceState.NotInstalled)
            return NotInstalled();
        if (before.State == ServiceState.Stopped)
        {
            Say("it does not run: nothing to do");
            return ServiceExitCode.Done;
        }

        if (before.State != ServiceState.Stopping)
            control.Stop();
        var after = await SettleAsync(cancellation);
        if (after.State is not (ServiceState.Stopped or ServiceState.NotInstalled))
            return Fail($"it did not stop within {Patience.TotalSeconds:0} s (it is {Words(after.State)}){Reason(after)}");
        Say("stopped");
        return ServiceExitCode.Done;
    }

    public ServiceExitCode Status()
    {
        var report = control.Read();
        output.WriteLine($"state:         {Words(report.State)}");
        Line("process:", report.ProcessId?.ToString(CultureInfo.InvariantCulture));
        Line("since:", report.Since?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        Line("start:", report.StartType);
        Line("configuration:", report.ConfigurationFile);
        Line("last end:", report.State == ServiceState.Stopped ? report.LastEnd : null);
        Line("log:", report.Log);
        return report.State switch
        {
            ServiceState.Running => ServiceExitCode.Done,
            ServiceState.NotInstalled => ServiceExitCode.NotInstalled,
            _ => ServiceExitCode.NotRunning,
        };
    }

    /// <summary>Waits until the service neither starts nor stops any more, or patience ends.</summary>
    private async Task<ServiceReport> SettleAsync(CancellationToken cancellation)
    {
        var begin = time.GetTimestamp();
        while (true)
        {
            var report = control.Read();
            if (report.State is not (ServiceState.Starting or ServiceState.Stopping) || time.GetElapsedTime(begin) >= Patience)
                return report;
            await Task.Delay(Pause, time, cancellation);
        }
    }

    private void Line(string name, string? value)
    {
        if (value is not null)
            output.WriteLine($"{name,-14} {value}");
    }

    private void Say(string? sentence)
    {
        if (sentence is not null)
            output.WriteLine(sentence);
    }

    private ServiceExitCode NotInstalled()
    {
        errors.WriteLine("it is not installed: fwredirect install --config FILE");
        return ServiceExitCode.NotInstalled;
    }

    private ServiceExitCode Fail(string sentence)
    {
        errors.WriteLine(sentence);
        return ServiceExitCode.Failed;
    }

    private static string Reason(ServiceReport report) => report.Log is { } log ? $"; the reason is in {log}" : "";

    private static string Words(ServiceState state) => state switch
    {
        ServiceState.NotInstalled => "not installed",
        ServiceState.Stopped => "stopped",
        ServiceState.Starting => "starting",
        ServiceState.Running => "running",
        _ => "stopping",
    };
}
