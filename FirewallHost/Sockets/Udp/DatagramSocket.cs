using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Sockets.Udp.Linux;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Sockets.Udp;

/// <summary>
/// One UDP socket with its receive loop. While nothing comes, no buffer is held; when something has come, one pooled buffer serves until the queue is empty. Nothing is
/// allocated per datagram.
/// </summary>
internal sealed partial class DatagramSocket : IDisposable
{
    /// <summary>How often a datagram is tried again that failed for the sake of an earlier one: each try takes such an error away.</summary>
    private const int SendAttempts = 4;

    private readonly Socket _socket;
    private readonly ILogger _logger;
    private IDatagramReceiver? _receiver;
    private int _disposed;

    /// <param name="hearsErrors">ICMP errors are given to the receiver.</param>
    /// <exception cref="SocketException">The port can not be had.</exception>
    public DatagramSocket(IPEndPoint endpoint, bool hearsErrors, ILogger logger)
    {
        _logger = logger;
        _socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (OperatingSystem.IsWindows())
                _socket.ExclusiveAddressUse = true;
            if (hearsErrors && OperatingSystem.IsLinux())
                IcmpErrors.Enable(_socket);
            _socket.SendTimeout = Limits.DatagramSendWait;
            _socket.ReceiveBufferSize = Limits.DatagramBuffer;
            _socket.Bind(endpoint);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        Endpoint = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public IPEndPoint Endpoint { get; }

    public void Start(IDatagramReceiver receiver)
    {
        _receiver = receiver;
        _ = ReceiveAsync();
    }

    /// <returns>What became of it as far as is known here.</returns>
    public SocketError Send(ReadOnlySpan<byte> datagram, SocketAddress to)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                _socket.SendTo(datagram, SocketFlags.None, to);
                return SocketError.Success;
            }
            catch (SocketException e) when (IsOfAnother(e.SocketErrorCode) && attempt < SendAttempts)
            {
                // May be the error of an earlier datagram, perhaps to another peer: this one has not been sent.
                TakeErrors();
            }
            catch (SocketException e)
            {
                return e.SocketErrorCode;
            }
            catch (ObjectDisposedException)
            {
                return SocketError.OperationAborted;
            }
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _socket.Dispose();
    }

    /// <summary>What the network says of a datagram that is gone: also that it was too large for its way, which the kernel heeds from then on.</summary>
    private static bool IsOfAnother(SocketError error) => error
        is SocketError.MessageSize or SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.HostUnreachable or SocketError.HostDown or SocketError.NetworkUnreachable;

    private async Task ReceiveAsync()
    {
        var from = new SocketAddress(_socket.AddressFamily);
        while (Volatile.Read(ref _disposed) == 0)
        {
            try
            {
                await ReceiveBurstAsync(from);
            }
            catch (SocketException e) when (OperatingSystem.IsWindows() && e.SocketErrorCode == SocketError.ConnectionReset)
            {
                // Winsock names the peer whose port is unreachable as the sender.
                _receiver!.Undelivered(from, SocketError.ConnectionRefused);
            }
            catch (SocketException e) when (IsOfAnother(e.SocketErrorCode))
            {
                TakeErrors();
            }
            catch (Exception) when (Volatile.Read(ref _disposed) != 0)
            {
                return;
            }
            catch (Exception e)
            {
                // The network is down, memory short, or we have a defect; the pause keeps it from spinning.
                LogFailed(e, Endpoint);
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    // Pooled: a burst is often one datagram, and would cost an object.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReceiveBurstAsync(SocketAddress from)
    {
        // Windows has no wait without a buffer for datagrams: there the buffer is held.
        if (!OperatingSystem.IsWindows())
            await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
        var buffer = ArrayPool<byte>.Shared.Rent(Limits.Datagram);
        try
        {
            for (var turn = 0; turn < Limits.DatagramTurn; turn++)
            {
                var count = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, from);
                _receiver!.Receive(buffer.AsSpan(0, count), from);
                if (!OperatingSystem.IsWindows() && !_socket.Poll(0, SelectMode.SelectRead))
                    return;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        await Task.Yield();
    }

    private void TakeErrors()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            var peer = new SocketAddress(_socket.AddressFamily);
            while (IcmpErrors.TryTake(_socket.SafeHandle, peer, out var error))
            {
                if (error is { } known)
                    _receiver?.Undelivered(peer, known);
            }
        }
        catch (ObjectDisposedException)
        {
            // Closed meanwhile: nobody is left to be told.
        }
    }

    [LoggerMessage(320, LogLevel.Warning, "Receiving datagrams on {Endpoint} failed")]
    private partial void LogFailed(Exception e, IPEndPoint endpoint);
}
