using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Lab.Probes;

/// <summary>One byte there and back on one connection, again and again.</summary>
internal static class RoundTripProbe
{
    /// <summary>Prints one line `N round trips, median N us, p99 N us`.</summary>
    public static void Run(IPEndPoint server, TimeSpan bound)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(server);
        byte[] buffer = new byte[1];
        var samples = new List<double>(200_000);
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < bound)
        {
            long sent = Stopwatch.GetTimestamp();
            // Blocking calls: the thread pool's hand-over would be part of the figure.
            socket.Send(buffer);
            if (socket.Receive(buffer) != 1) throw new InvalidOperationException("the server has closed the connection");
            samples.Add(Stopwatch.GetElapsedTime(sent).TotalMicroseconds);
        }

        samples.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{samples.Count} round trips, median {samples[samples.Count / 2]:F1} us, p99 {samples[samples.Count * 99 / 100]:F1} us"));
    }
}
