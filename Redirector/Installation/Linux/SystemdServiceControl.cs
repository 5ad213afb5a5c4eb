using System.Globalization;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Installation.Linux;

/// <summary>systemd, through systemctl.</summary>
/// <param name="unitFolder">Where an administrator's units are.</param>
/// <param name="systemctl">Runs it with arguments and returns what it printed; an IOException where it fails.</param>
[SupportedOSPlatform("linux")]
internal sealed class SystemdServiceControl(string unitFolder, Func<string[], string> systemctl) : IServiceControl
{
    /// <summary>What sd_booted(3) looks at.</summary>
    private const string BootedMark = "/run/systemd/system";

    private const string Properties = "--property=LoadState,ActiveState,SubState,MainPID,ActiveEnterTimestamp,ExecMainStatus,ExecMainCode,Result,UnitFileState,Job";

    /// <summary>ExecMainCode: how waitid(2) says that a signal ended it (CLD_KILLED, CLD_DUMPED).</summary>
    private static readonly string[] BySignal = ["2", "3"];

    private string UnitFile => Path.Combine(unitFolder, SystemdUnit.Name);

    /// <exception cref="ServiceControlException">This machine is run by something else.</exception>
    public static SystemdServiceControl Open() => Directory.Exists(BootedMark)
        ? new SystemdServiceControl("/etc/systemd/system", arguments => SystemProgram.Run("systemctl", arguments))
        : throw new ServiceControlException("this machine is not run by systemd: let its own init start \"fwredirect run --config FILE\" as root, and stop it with SIGTERM");

    public ServiceReport Read()
    {
        var lines = Ask("show", "--timestamp=unix", Properties, SystemdUnit.Name).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var values = lines.Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);
        string Value(string key) => values.GetValueOrDefault(key, "");
        if (Value("LoadState") is "not-found" or "")
            return ServiceReport.NotInstalled;
        var state = Value("ActiveState") switch
        {
            "active" or "reloading" => ServiceState.Running,
            // It has failed and waits for its next try: to an operator that is "does not run".
            "activating" => Value("SubState") == "auto-restart" ? ServiceState.Stopped : ServiceState.Starting,
            "deactivating" => ServiceState.Stopping,
            // A start that was asked for and has not begun.
            _ => Value("Job") is "" or "0" ? ServiceState.Stopped : ServiceState.Starting,
        };
        var running = state == ServiceState.Running;
        return new ServiceReport(state)
        {
            ProcessId = int.TryParse(Value("MainPID"), out var id) && id > 0 ? id : null,
            Since = running && long.TryParse(Value("ActiveEnterTimestamp").TrimStart('@'), out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
            StartType = Value("UnitFileState") switch { "enabled" => "with the machine (enabled)", "" => null, var other => other },
            ConfigurationFile = File.Exists(UnitFile) ? ServiceDefinition.FindConfigurationFile(SystemdUnit.ReadCommandLine(File.ReadAllText(UnitFile))) : null,
            LastEnd = End(Value("ExecMainCode"), Value("ExecMainStatus"), Value("Result")),
            Log = "journalctl -u fwredirect",
        };
    }

    public void Install(ServiceDefinition service)
    {
        NeedRoot();
        try
        {
            // Over a rename: a reader of the folder never sees half a unit.
            var half = UnitFile + ".new";
            File.WriteAllText(half, SystemdUnit.Text(service));
            File.Move(half, UnitFile, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ServiceControlException($"{UnitFile} can not be written: {failure.Message}");
        }

        Ask("daemon-reload");
        Ask("enable", SystemdUnit.Name);
    }

    public void Uninstall()
    {
        NeedRoot();
        Ask("disable", SystemdUnit.Name);
        File.Delete(UnitFile);
        Ask("daemon-reload");
    }

    public void Start()
    {
        NeedRoot();
        // One that failed too often in a row would be refused.
        Ask("reset-failed", SystemdUnit.Name);
        Ask("start", "--no-block", SystemdUnit.Name);
    }

    public void Stop()
    {
        NeedRoot();
        Ask("stop", "--no-block", SystemdUnit.Name);
    }

    private static string? End(string code, string status, string result)
    {
        if (code is "" or "0")
            return result is "" or "success" ? null : result;
        if (BySignal.Contains(code))
            return $"it was ended by signal {status}";
        return int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var exit) ? LastEnd.Describe(exit) : result;
    }

    private static void NeedRoot()
    {
        if (!Environment.IsPrivilegedProcess)
            throw new ServiceControlException("this needs root: sudo fwredirect ...");
    }

    private string Ask(params string[] arguments)
    {
        try
        {
            return systemctl(arguments);
        }
        catch (IOException failure)
        {
            throw new ServiceControlException(failure.Message);
        }
    }
}
