using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Installation.Windows;

/// <summary>The service control manager of this machine.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WindowsServiceControl : IServiceControl
{
    public const string ServiceName = "FwRedirect";

    /// <summary>The driver sits on the Base Filtering Engine: without it nothing can be diverted.</summary>
    public const string FilteringEngine = "BFE";

    /// <summary>A day without a failure, and counting begins anew.</summary>
    private static readonly TimeSpan FailureMemory = TimeSpan.FromDays(1);

    /// <summary>A restart of the machine brings the network late; what is wrong for longer is not helped by trying more often than once a minute.</summary>
    private static readonly TimeSpan[] RestartDelays = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60)];

    public static ServiceState StateOf(string name)
    {
        using var manager = OpenManager(ServiceControlNative.ManagerConnect);
        using var service = OpenForReading(manager, name);
        return service is null ? ServiceState.NotInstalled : State(ReadStatus(service).CurrentState);
    }

    public ServiceReport Read()
    {
        using var manager = OpenManager(ServiceControlNative.ManagerConnect);
        using var service = OpenForReading(manager, ServiceName);
        if (service is null)
            return ServiceReport.NotInstalled;
        var status = ReadStatus(service);
        var (commandLine, start) = ReadConfiguration(service);
        var file = ServiceDefinition.FindConfigurationFile(ServiceCommandLine.Split(commandLine));
        return new ServiceReport(State(status.CurrentState))
        {
            ProcessId = status.ProcessId == 0 ? null : (int)status.ProcessId,
            Since = StartOf((int)status.ProcessId),
            ConfigurationFile = file,
            StartType = start switch { ServiceControlNative.AutomaticStart => "with the machine (automatic)", 3 => "by hand", 4 => "disabled", _ => $"type {start}" },
            LastEnd = ServiceControlErrors.DescribeEnd(status.Win32ExitCode, status.ServiceSpecificExitCode),
            Log = file is null ? null : $"{ServiceLogFile.Beside(file)}, and in the event log (Application, source {ServiceName})",
        };
    }

    public void Install(ServiceDefinition service)
    {
        using var manager = OpenManager(ServiceControlNative.ManagerConnect | ServiceControlNative.ManagerCreate);
        var path = ServiceCommandLine.Format(service.CommandLine);
        // A list of names, each with its NUL, and one more at the end (the marshaller adds it). Not where there is no such service, as under Wine: it would never start.
        var dependencies = StateOf(FilteringEngine) != ServiceState.NotInstalled ? FilteringEngine + "\0" : null;
        using var existing = ServiceControlNative.OpenService(manager, ServiceName, ServiceControlNative.ChangeAccess);
        var code = existing.IsInvalid ? Marshal.GetLastPInvokeError() : 0;
        if (code == ServiceControlNative.ErrorServiceDoesNotExist)
        {
            using var created = ServiceControlNative.CreateService(
                manager, ServiceName, ServiceDefinition.DisplayName, ServiceControlNative.ChangeAccess, ServiceControlNative.OwnProcess, ServiceControlNative.AutomaticStart,
                ServiceControlNative.NormalErrors, path, group: null, tag: null, dependencies, account: null, password: null);
            if (created.IsInvalid)
                throw ServiceControlErrors.Last("the service can not be created");
            Describe(created);
            return;
        }

        if (code != 0)
            throw ServiceControlErrors.For("the service can not be changed", code);
        if (!ServiceControlNative.ChangeConfig(
            existing, ServiceControlNative.OwnProcess, ServiceControlNative.AutomaticStart, ServiceControlNative.NormalErrors, path, group: null, tag: null, dependencies,
            account: null, password: null, ServiceDefinition.DisplayName))
            throw ServiceControlErrors.Last("the service can not be changed");
        Describe(existing);
    }

    public void Uninstall()
    {
        using var manager = OpenManager(ServiceControlNative.ManagerConnect);
        using var service = Open(manager, ServiceControlNative.DeleteAccess, "the service can not be removed");
        if (!ServiceControlNative.DeleteService(service))
            throw ServiceControlErrors.Last("the service can not be removed");
    }

    public void Start()
    {
        using var manager = OpenManager(ServiceControlNative.ManagerConnect);
        using var service = Open(manager, ServiceControlNative.StartAccess, "the service can not be started");
        if (!ServiceControlNative.StartService(service, 0, null) && Marshal.GetLastPInvokeError() != ServiceControlNative.ErrorServiceAlreadyRunning)
            throw ServiceControlErrors.Last("the service can not be started");
    }

    public void Stop()
    {
        using var manager = OpenManager(ServiceControlNative.ManagerConnect);
        using var service = Open(manager, ServiceControlNative.StopAccess, "the service can not be stopped");
        ServiceStatusProcess status;
        if (!ServiceControlNative.ControlService(service, ServiceControlNative.ControlStop, &status) && Marshal.GetLastPInvokeError() != ServiceControlNative.ErrorServiceNotActive)
            throw ServiceControlErrors.Last("the service can not be stopped");
    }

    private static ServiceState State(uint state) => state switch
    {
        ServiceControlNative.StateStopped => ServiceState.Stopped,
        ServiceControlNative.StateStartPending => ServiceState.Starting,
        ServiceControlNative.StateStopPending => ServiceState.Stopping,
        _ => ServiceState.Running,
    };

    private static ServiceHandle OpenManager(uint access)
    {
        var manager = ServiceControlNative.OpenManager(null, null, access);
        return manager.IsInvalid ? throw ServiceControlErrors.Last("the service control manager can not be opened") : manager;
    }

    private static ServiceHandle Open(ServiceHandle manager, uint access, string what)
    {
        var service = ServiceControlNative.OpenService(manager, ServiceName, access);
        return service.IsInvalid ? throw ServiceControlErrors.Last(what) : service;
    }

    private static ServiceHandle? OpenForReading(ServiceHandle manager, string name)
    {
        var service = ServiceControlNative.OpenService(manager, name, ServiceControlNative.QueryAccess);
        if (!service.IsInvalid)
            return service;
        var code = Marshal.GetLastPInvokeError();
        service.Dispose();
        return code == ServiceControlNative.ErrorServiceDoesNotExist ? null : throw ServiceControlErrors.For($"the service {name} can not be looked at", code);
    }

    private static ServiceStatusProcess ReadStatus(ServiceHandle service)
    {
        ServiceStatusProcess status;
        return ServiceControlNative.QueryStatus(service, 0, &status, (uint)sizeof(ServiceStatusProcess), out _)
            ? status
            : throw ServiceControlErrors.Last("the service's state can not be read");
    }

    private static (string CommandLine, uint StartType) ReadConfiguration(ServiceHandle service)
    {
        ServiceControlNative.QueryConfig(service, null, 0, out var size);
        if (Marshal.GetLastPInvokeError() != ServiceControlNative.ErrorInsufficientBuffer)
            throw ServiceControlErrors.Last("the service's configuration can not be read");
        // Words of 8 bytes, so that the pointers in it are aligned.
        var buffer = new ulong[(size / sizeof(ulong)) + 1];
        fixed (ulong* start = buffer)
        {
            if (!ServiceControlNative.QueryConfig(service, start, (uint)(buffer.Length * sizeof(ulong)), out _))
                throw ServiceControlErrors.Last("the service's configuration can not be read");
            var configuration = (ServiceConfiguration*)start;
            return (new string(configuration->BinaryPathName), configuration->StartType);
        }
    }

    private static void Describe(ServiceHandle service)
    {
        fixed (char* description = ServiceDefinition.Description)
        {
            var text = description;
            Change(service, ServiceControlNative.ConfigDescription, &text);
        }

        var actions = stackalloc FailureAction[RestartDelays.Length];
        for (var i = 0; i < RestartDelays.Length; i++)
            actions[i] = new FailureAction { Type = FailureAction.Restart, Delay = (uint)RestartDelays[i].TotalMilliseconds };
        var failure = new FailureActions { ResetPeriod = (uint)FailureMemory.TotalSeconds, Count = (uint)RestartDelays.Length, Actions = actions };
        Change(service, ServiceControlNative.ConfigFailureActions, &failure);
        // Also for a run that ended with an exit code and not by a crash: a start that found no firewall.
        var also = 1;
        Change(service, ServiceControlNative.ConfigFailureActionsFlag, &also);
    }

    private static void Change(ServiceHandle service, uint level, void* info)
    {
        // Not every system knows every level (Wine 8 has no failure flag): the service is as good without.
        if (!ServiceControlNative.ChangeConfig2(service, level, info) && Marshal.GetLastPInvokeError() != ServiceControlNative.ErrorInvalidLevel)
            throw ServiceControlErrors.Last("the service's description and recovery can not be set");
    }

    private static DateTimeOffset? StartOf(int processId)
    {
        if (processId == 0)
            return null;
        try
        {
            using var process = Process.GetProcessById(processId);
            return new DateTimeOffset(process.StartTime);
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }
}
