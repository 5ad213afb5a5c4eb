using System.Runtime.Versioning;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion.Linux.Native;
using FwRedirect.Redirector.Diversion.Linux.Queues;
using FwRedirect.Redirector.Diversion.Linux.SocketEvents;

namespace FwRedirect.Redirector.Checks.Linux;

/// <summary>What Linux has to have. Of the network namespace that it is called in.</summary>
[SupportedOSPlatform("linux")]
internal static class LinuxChecks
{
    /// <summary>Not one of the service's own: it may be running.</summary>
    private const ushort UnusedQueue = 0x4659;

    public static IReadOnlyList<IMachineCheck> All(RedirectorOptions? options)
    {
        var privileged = Environment.IsPrivilegedProcess;
        return
        [
            new RightsCheck(privileged, "run it as root"),
            new ProgramsCheck(SystemProgram.Exists),
            new OpenCheck("NFQUEUE", "the kernel needs CONFIG_NETFILTER_NETLINK_QUEUE (modprobe nfnetlink_queue)", privileged, OpenQueue),
            new OpenCheck("control groups", "mount cgroup2, or set Cgroup to a directory that is there", privileged,
                () => options?.Cgroup is { } path ? CgroupDirectory.Open(path) : CgroupDirectory.OpenRoot()),
        ];
    }

    private static NetlinkSocket OpenQueue()
    {
        var socket = new NetlinkSocket(NetlinkSocket.ProtocolNetfilter);
        try
        {
            NfQueueConfiguration.Apply(socket, UnusedQueue, new NfQueueOptions());
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
