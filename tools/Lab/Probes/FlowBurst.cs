using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Lab.Probes;

/// <summary>Many short connections at once: every second one to a port that refuses, the others to an echo server, ended by FIN and by RST in turn.</summary>
internal static class FlowBurst
{
    /// <summary>Connections of this process at a time: a browser with many tabs.</summary>
    private const int AtOnce = 64;

    /// <summary>Prints one line with what came of them.</summary>
    public static async Task<int> RunAsync(IPEndPoint server, IPEndPoint refusing, int count, CancellationToken cancellation)
    {
        int next = 0, answered = 0, refused = 0, other = 0;
        string? example = null;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(WorkAsync, cancellation)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{answered} answered, {refused} refused, {other} other{(example is null ? "" : $": {example}")}"));
        return 0;

        async Task WorkAsync()
        {
            for (int number = Interlocked.Increment(ref next); number <= count; number = Interlocked.Increment(ref next))
            {
                try
                {
                    await OneAsync(number % 2 == 0 ? server : refusing, reset: number % 4 == 0);
                    Interlocked.Increment(ref answered);
                }
                catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
                {
                    Interlocked.Increment(ref refused);
                }
                catch (SocketException exception)
                {
                    example = exception.Message;
                    Interlocked.Increment(ref other);
                }
            }
        }

        async Task OneAsync(IPEndPoint to, bool reset)
        {
            using var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(to, cancellation);
            byte[] buffer = [42];
            await socket.SendAsync(buffer, cancellation);
            await socket.ReceiveAsync(buffer, cancellation);
            if (reset)
                socket.LingerState = new LingerOption(enable: true, 0);
        }
    }
}
