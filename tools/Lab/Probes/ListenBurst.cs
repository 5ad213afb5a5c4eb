using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Lab.Probes;

/// <summary>Listening sockets, opened all at once and closed all at once.</summary>
internal static class ListenBurst
{
    /// <summary>Prints a line for each round; throws where a port can not be had.</summary>
    /// <param name="via">First a connection to this server, so that the process has one through the firewall.</param>
    /// <param name="pause">Between the last listen and the first close.</param>
    public static async Task<int> RunAsync(int firstPort, int count, int rounds, TimeSpan pause, IPEndPoint? via, CancellationToken cancellation)
    {
        using Socket? connection = via is null ? null : new Socket(via.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (connection is not null)
            await connection.ConnectAsync(via!, cancellation);
        for (int round = 1; round <= rounds; round++)
        {
            var sockets = new List<Socket>();
            for (int port = firstPort; port < firstPort + count; port++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Any, port));
                socket.Listen();
                sockets.Add(socket);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round}: {count} listen"));
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, cancellation);
            sockets.ForEach(socket => socket.Dispose());
        }

        return 0;
    }
}
