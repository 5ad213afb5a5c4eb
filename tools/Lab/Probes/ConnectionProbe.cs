using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Lab.Probes;

/// <summary>New connections one after the other: connect, one byte there and back, see the peer's address, close.</summary>
internal static class ConnectionProbe
{
    /// <summary>Prints one line `N connections, N per second`; throws at the first that fails, or whose peer is not the one asked for.</summary>
    public static async Task<int> RunAsync(IPEndPoint server, int count, TimeSpan bound, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        int done = 0;
        byte[] buffer = new byte[1];
        for (; done < count && Stopwatch.GetElapsedTime(started) < bound; done++)
        {
            using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(server, cancellation);
            if (!server.Equals(socket.RemoteEndPoint))
                throw new InvalidOperationException($"connection {done}: the peer is {socket.RemoteEndPoint}, not {server}");
            buffer[0] = (byte)done;
            await socket.SendAsync(buffer, cancellation);
            if (await socket.ReceiveAsync(buffer, cancellation) != 1 || buffer[0] != (byte)done)
                throw new InvalidOperationException($"connection {done}: the byte did not come back");
        }

        double rate = done / Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done} connections, {rate:F1} per second"));
        return 0;
    }
}
