namespace FwRedirect.Diagnostics.Capture;

/// <summary>
/// Packets of one or several captures in the order of their time stamps: the inside and the outside link in one trace. A capture of two interfaces is
/// written by two threads and may be a few packets out of order in itself, hence the window.
/// </summary>
internal static class CaptureMerge
{
    /// <summary>Packets that may stand before an earlier one in a file. Two capturing threads swap a handful; a kernel ring holds a few hundred small packets.</summary>
    private const int Window = 1024;

    public static IEnumerable<CapturedPacket> InOrder(IReadOnlyList<CaptureReader> readers)
    {
        var heap = new PriorityQueue<(CapturedPacket Packet, CaptureReader From), (DateTimeOffset Time, long Sequence)>();
        var sequence = 0L;
        foreach (var reader in readers)
        {
            for (var i = 0; i < Window && reader.Read() is { } packet; i++)
                heap.Enqueue((packet, reader), (packet.Time, sequence++));
        }
        while (heap.TryDequeue(out var next, out _))
        {
            if (next.From.Read() is { } packet)
                heap.Enqueue((packet, next.From), (packet.Time, sequence++));
            yield return next.Packet;
        }
    }
}
