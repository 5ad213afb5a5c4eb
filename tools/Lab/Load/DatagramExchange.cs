using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Lab.Load;

/// <summary>A connected UDP socket that sends a datagram every fifth of a second, as a game or a call does, and takes what comes back. An error is passing: it goes on.</summary>
internal sealed class DatagramExchange(IPEndPoint server) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FirstBound = TimeSpan.FromSeconds(5);

    private readonly Socket _socket = new(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
    private readonly Dictionary<string, int> _errors = [];
    private int _sent;
    private int _answered;
    private DateTimeOffset _last;
    private TimeSpan _longest;

    public LoadDatagrams Report => new(_sent, _answered, _last, _longest.TotalMilliseconds, _errors);

    /// <summary>The first datagram and its answer.</summary>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        await _socket.ConnectAsync(server, cancellation);
        byte[] buffer = new byte[64];
        await _socket.SendAsync(buffer, cancellation);
        await _socket.ReceiveAsync(buffer, cancellation).AsTask().WaitAsync(FirstBound, cancellation);
        _last = DateTimeOffset.UtcNow;
    }

    public async Task RunAsync(CancellationToken ended)
    {
        byte[] datagram = new byte[64];
        Task receiving = ReceiveAsync(ended);
        for (int number = 0; !ended.IsCancellationRequested; number++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(datagram, number);
            try
            {
                await _socket.SendAsync(datagram, ended);
                _sent++;
            }
            catch (SocketException failure)
            {
                Count(failure);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            await Task.Delay(Interval, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await receiving;
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReceiveAsync(CancellationToken ended)
    {
        byte[] buffer = new byte[64];
        while (true)
        {
            try
            {
                await _socket.ReceiveAsync(buffer, ended);
                DateTimeOffset now = DateTimeOffset.UtcNow;
                if (now - _last > _longest) _longest = now - _last;
                (_last, _answered) = (now, _answered + 1);
            }
            catch (SocketException failure)
            {
                Count(failure);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Count(SocketException failure)
    {
        string name = failure.SocketErrorCode.ToString();
        lock (_errors) _errors[name] = _errors.GetValueOrDefault(name) + 1;
    }
}
