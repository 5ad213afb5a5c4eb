using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Lab.Probes;

/// <summary>
/// Datagrams to an echo server, from one socket or from a new one each: each has to come back unchanged, from the server's own endpoint. With a segment size several leave in one
/// call, as QUIC programs send (UDP_SEGMENT), and come back one by one.
/// </summary>
internal sealed class DatagramProbe(IPEndPoint server, int size, int segment)
{
    private const int LevelUdp = 17;
    private const int UdpSegment = 103;
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(5);

    /// <summary>Prints one line `N datagrams of SIZE bytes came back`.</summary>
    public async Task<int> RunAsync(int count, bool newSockets, CancellationToken cancellation)
    {
        Socket? socket = null;
        try
        {
            for (int number = 0; number < count; number++)
            {
                if (newSockets) socket?.Dispose();
                if (newSockets || socket is null) socket = Open();
                await ExchangeAsync(socket, number, cancellation);
            }
        }
        finally
        {
            socket?.Dispose();
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} datagrams of {size} bytes came back"));
        return 0;
    }

    private Socket Open()
    {
        const int Buffer = 4 << 20;
        var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = Buffer, SendBufferSize = Buffer };
        if (segment > 0) socket.SetRawSocketOption(LevelUdp, UdpSegment, BitConverter.GetBytes(segment));
        return socket;
    }

    private async Task ExchangeAsync(Socket socket, int number, CancellationToken cancellation)
    {
        byte[] sent = Pattern(number);
        await socket.SendToAsync(sent, server, cancellation);
        var received = new List<byte[]>();
        for (int length = 0; length < sent.Length || received.Count == 0; length += received[^1].Length)
        {
            byte[] buffer = new byte[ushort.MaxValue];
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            bound.CancelAfter(AnswerBound);
            SocketReceiveFromResult result = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), bound.Token);
            if (!result.RemoteEndPoint.Equals(server)) throw new InvalidOperationException($"datagram {number}: the answer is from {result.RemoteEndPoint}, not {server}");
            received.Add(buffer[..result.ReceivedBytes]);
        }

        int expected = segment > 0 ? (sent.Length + segment - 1) / segment : 1;
        if (received.Count != expected) throw new InvalidOperationException($"datagram {number}: {received.Count} came back instead of {expected}");
        if (!received.SelectMany(part => part).SequenceEqual(sent)) throw new InvalidOperationException($"datagram {number} came back changed");
    }

    private byte[] Pattern(int number)
    {
        byte[] datagram = new byte[size];
        new Random(number).NextBytes(datagram); // repeatable
        if (size >= sizeof(int)) BinaryPrimitives.WriteInt32BigEndian(datagram, number);
        return datagram;
    }
}
