using System.Runtime.Versioning;
using System.Text;

namespace FwRedirect.Redirector.Installation.Linux;

/// <summary>The text of fwredirect.service.</summary>
/// <remarks>
/// The service keeps what its work needs and nothing more:
/// CAP_NET_ADMIN  queues, rules, routes, ending sockets, attaching to a control group;
/// CAP_NET_RAW    the socket that injects packets, and iptables;
/// CAP_BPF        loading the programs that tell of connects and listens;
/// CAP_PERFMON    for one of them to read which port a closed UDP socket had;
/// CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH  /proc/PID/exe and fd of other users' processes.
/// A wrong configuration (exit code 10) does not heal by trying again. /run stays writable: iptables keeps its lock there, and the journal has to outlive the service for the guard and the next start. For the same reason only
/// the service itself is signalled (KillMode): its guard has to live on when it is killed.
/// </remarks>
[SupportedOSPlatform("linux")]
internal static class SystemdUnit
{
    public const string Name = "fwredirect.service";

    public static string Text(ServiceDefinition service) => $"""
        # Written by "fwredirect install", and written again by the next one. For changes of your own: systemctl edit fwredirect
        [Unit]
        Description={ServiceDefinition.DisplayName}: {ServiceDefinition.Description}
        Wants=network-online.target
        After=network-online.target nss-lookup.target

        [Service]
        Type=notify
        ExecStart={string.Join(' ', service.CommandLine.Select(Quote))}
        Restart=on-failure
        RestartSec=5
        RestartPreventExitStatus=10
        TimeoutStartSec=60
        TimeoutStopSec=30
        KillMode=process
        CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW CAP_BPF CAP_PERFMON CAP_SYS_PTRACE CAP_DAC_READ_SEARCH
        NoNewPrivileges=yes
        ProtectSystem=full
        ProtectHome=read-only
        PrivateTmp=yes
        ProtectClock=yes
        ProtectHostname=yes
        ProtectControlGroups=yes
        ProtectKernelLogs=yes
        RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
        RestrictNamespaces=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        LockPersonality=yes
        SystemCallArchitectures=native

        [Install]
        WantedBy=multi-user.target

        """;

    /// <summary>The arguments of the text's ExecStart; empty where there is none.</summary>
    public static IReadOnlyList<string> ReadCommandLine(string text)
    {
        const string Key = "ExecStart=";
        var line = text.Split('\n').FirstOrDefault(l => l.StartsWith(Key, StringComparison.Ordinal));
        return line is null ? [] : Split(line[Key.Length..]);
    }

    /// <summary>systemd.service(5), command lines: % begins a specifier, $ a variable, and within quotes a backslash escapes.</summary>
    private static string Quote(string argument)
    {
        if (argument.Any(char.IsControl))
            throw new ServiceControlException($"\"{argument}\" has a control character, which a unit file can not hold");
        var escaped = argument.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("%", "%%", StringComparison.Ordinal).Replace("$", "$$", StringComparison.Ordinal);
        return $"\"{escaped}\"";
    }

    private static List<string> Split(string line)
    {
        var arguments = new List<string>();
        var argument = new StringBuilder();
        var inside = false;
        for (var i = 0; i < line.Length; i++)
        {
            var escape = i + 1 < line.Length && ((line[i] == '\\' && inside) || (line[i] is '%' or '$' && line[i + 1] == line[i]));
            if (escape)
                argument.Append(line[++i]);
            else if (line[i] != '"')
                argument.Append(line[i]);
            else if (inside = !inside)
                argument.Clear();
            else
                arguments.Add(argument.ToString());
        }

        return arguments;
    }
}
