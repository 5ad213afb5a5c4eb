using System.Net.Sockets;

namespace FwRedirect.Tests.Redirector.Diversion.Linux;

/// <summary>A stream whose every byte depends on its place (period 251, a prime): a lost, doubled or moved piece shows.</summary>
internal static class Pattern
{
    private const int Period = 251;
    private static readonly byte[] Block = [.. Enumerable.Range(0, 65536 + Period).Select(i => (byte)(i % Period))];

    public static void Send(Socket socket, int length)
    {
        for (var sent = 0; sent < length;) sent += socket.Send(Block.AsSpan(sent % Period, Math.Min(65536, length - sent)));
    }

    /// <summary>Where the stream first is not what was sent; -1 when all <paramref name="length"/> bytes are right.</summary>
    public static long FirstDifference(Socket socket, int length)
    {
        var buffer = new byte[65536];
        for (var read = 0; read < length;)
        {
            var got = socket.Receive(buffer, Math.Min(buffer.Length, length - read), SocketFlags.None);
            if (got == 0 || !buffer.AsSpan(0, got).SequenceEqual(Block.AsSpan(read % Period, got))) return read;
            read += got;
        }

        return -1;
    }
}
