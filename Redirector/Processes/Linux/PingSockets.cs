using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Processes.Linux;

/// <summary>
/// Who sends an echo request: sock_diag knows no ICMP, /proc/net does. A ping socket has its identifier as its port there; of raw sockets one can only see that there are some.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class PingSockets
{
    private const int MostKept = 1024;
    private readonly ConcurrentDictionary<uint, int> _holders = new();

    /// <summary>Process (0: not known) and user of the socket; null where there is none.</summary>
    public (int Process, uint Uid)? Find(ushort identifier, bool isIPv6)
    {
        var version = isIPv6 ? "6" : "";
        foreach (var (port, uid, inode) in Read($"/proc/thread-self/net/icmp{version}"))
        {
            if (port == identifier)
                return (HolderOf(inode), uid);
        }

        var raw = Read($"/proc/thread-self/net/raw{version}").Where(s => s.Port == (isIPv6 ? IpProtocol.IcmpV6 : IpProtocol.Icmp)).Select(s => (Process: HolderOf(s.Inode), s.Uid)).ToArray();
        // Common programs take their process id for it, some of them in the machine's byte order.
        var own = raw.Where(s => s.Process != 0 && (ushort)s.Process is var id && (id == identifier || (ushort)((id << 8) | (id >> 8)) == identifier)).ToArray();
        if (own.Length == 1)
            return own[0];
        return raw.Length == 0 ? null : raw.Length == 1 ? raw[0] : (0, raw.Max(s => s.Uid));
    }

    private int HolderOf(uint inode)
    {
        if (_holders.TryGetValue(inode, out var process))
            return process;
        if (_holders.Count >= MostKept)
            _holders.Clear();
        process = ProcessFiles.FindSocketHolder(inode) ?? 0;
        if (process != 0)
            _holders[inode] = process;
        return process;
    }

    /// <summary>The table's lines: "sl local_address rem_address st queues timer retransmits uid timeout inode ...".</summary>
    private static IEnumerable<(int Port, uint Uid, uint Inode)> Read(string file)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        foreach (var line in lines.Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 9 && fields[1].LastIndexOf(':') is > 0 and var colon
                && int.TryParse(fields[1].AsSpan(colon + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var port)
                && uint.TryParse(fields[7], NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
                && uint.TryParse(fields[9], NumberStyles.None, CultureInfo.InvariantCulture, out var inode))
            {
                yield return (port, uid, inode);
            }
        }
    }
}
