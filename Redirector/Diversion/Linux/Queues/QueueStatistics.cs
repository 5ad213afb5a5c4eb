using System.Globalization;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux.Queues;

/// <summary>The kernel's own numbers of one queue, from /proc/net/netfilter/nfnetlink_queue.</summary>
/// <param name="Waiting">Packets without a verdict, held ones included.</param>
/// <param name="DroppedFull">Packets that found the queue full.</param>
/// <param name="DroppedUnsent">Packets that found our receive buffer full.</param>
[SupportedOSPlatform("linux")]
internal readonly record struct QueueStatistics(long Waiting, long DroppedFull, long DroppedUnsent)
{
    /// <summary>Of the network namespace of this process; null where the kernel does not show it.</summary>
    public static QueueStatistics? Read(ushort queue)
    {
        try
        {
            return Find(File.ReadLines("/proc/self/net/netfilter/nfnetlink_queue"), queue);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Columns: queue, port id, waiting, copy mode, copy range, dropped (full), dropped (unsent), last id, 1.</summary>
    public static QueueStatistics? Find(IEnumerable<string> lines, ushort queue)
    {
        foreach (var line in lines)
        {
            var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length >= 7 && columns[0] == queue.ToString(CultureInfo.InvariantCulture))
                return new QueueStatistics(Number(columns[2]), Number(columns[5]), Number(columns[6]));
        }

        return null;
    }

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
