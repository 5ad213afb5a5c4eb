using System.Buffers.Binary;

namespace FwRedirect.FirewallHost.Names;

/// <summary>DNS messages on TCP: each has its length before it (RFC 1035, 4.2.2).</summary>
internal static class DnsStream
{
    /// <summary>The next message; null at the end of the stream, where it stops in a message, and where one is longer than <paramref name="most"/>.</summary>
    public static async Task<byte[]?> ReadAsync(Stream stream, int most, CancellationToken stop)
    {
        var prefix = new byte[2];
        if (await stream.ReadAtLeastAsync(prefix, 2, throwOnEndOfStream: false, stop) < 2)
            return null;
        int length = BinaryPrimitives.ReadUInt16BigEndian(prefix);
        if (length > most)
            return null;
        var message = new byte[length];
        return await stream.ReadAtLeastAsync(message, length, throwOnEndOfStream: false, stop) == length ? message : null;
    }

    /// <summary>Length and message in one piece (RFC 7766, 8).</summary>
    public static async Task WriteAsync(Stream stream, byte[] message, CancellationToken stop)
    {
        var framed = new byte[2 + message.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed, 2);
        await stream.WriteAsync(framed, stop);
    }
}
