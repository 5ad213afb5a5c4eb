using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>
/// A program's bound socket, as the outside sees it: bound, then listening. Every accepted connection goes to the one who asked for the listening; a bound socket without
/// listening accepts nobody.
/// </summary>
internal sealed class Binding : IDisposable
{
    // SOL_SOCKET and SO_REUSEPORT of Linux (socket(7)).
    private const int SocketLevel = 1;
    private const int ReusePort = 15;

    private readonly Lock _sharing = new();
    private readonly Socket _socket;
    private readonly PortClaims _claims;
    private long _accepted;
    private int _listening;
    private int _disposed;

    /// <param name="wanted">Port 0: the program's own one where it is free outside, so that a program which tells others "my port" is right; else one of the system's choosing.</param>
    /// <exception cref="SocketFailure">The outside port can not be had.</exception>
    public Binding(ObjectId id, IPEndPoint wanted, IPEndPoint client, PortClaims claims)
    {
        Id = id;
        Client = client;
        _claims = claims;
        _socket = wanted.Port == 0 ? claims.Bind(wanted.Address, client.Port) : claims.Bind(wanted);
        Outside = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public ObjectId Id { get; }

    /// <summary>The program's own socket.</summary>
    public IPEndPoint Client { get; }

    public IPEndPoint Outside { get; }

    /// <summary>An outside connection is complete and has not been accepted.</summary>
    public bool HasWaiting
    {
        get
        {
            try
            {
                return IsListening && _socket.Poll(0, SelectMode.SelectRead);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <summary>Connections that came so far.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    public bool IsListening => Volatile.Read(ref _listening) != 0 && Volatile.Read(ref _disposed) == 0;

    /// <summary>Listens; nothing is accepted before <see cref="Accept"/>, so that the Listen reply is out before the first New mapping.</summary>
    /// <exception cref="SocketFailure">It can not listen, or does so already.</exception>
    public void Listen(int backlog)
    {
        if (Interlocked.Exchange(ref _listening, 1) != 0)
            throw new SocketFailure(WinsockError.WSAEINVAL, $"{Outside.Slash()} listens already");
        try
        {
            _socket.Listen(Math.Clamp(backlog, 1, Limits.ListenBacklog));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Volatile.Write(ref _listening, 0);
            throw new SocketFailure(
                e is SocketException failure ? SocketFailure.Translate(failure.SocketErrorCode) : WinsockError.WSAEINVAL,
                $"listening on {Outside.Slash()} failed: {e.Message}", e);
        }
    }

    /// <summary>Calls <paramref name="accepted"/> for every connection; the callee owns it.</summary>
    public void Accept(Action<Socket> accepted) => _ = AcceptAsync(accepted);

    /// <summary>
    /// Binds <paramref name="connecting"/> to the same outside port, for a connection of the program's own from its bound port: whoever it connects to sees the port at which it can be reached
    /// (RFC 5382, REQ-1). SO_REUSEPORT is on only meanwhile, and counts only between sockets of one account (socket(7)).
    /// </summary>
    /// <returns>False where the system has no such sharing, or the port is not free for it.</returns>
    public bool TryShare(Socket connecting)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        lock (_sharing)
        {
            try
            {
                connecting.SetRawSocketOption(SocketLevel, ReusePort, BitConverter.GetBytes(1));
                _socket.SetRawSocketOption(SocketLevel, ReusePort, BitConverter.GetBytes(1));
                connecting.Bind(Outside);
                return true;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return false;
            }
            finally
            {
                StopSharing();
            }
        }
    }

    /// <summary>Stops listening; connections that were accepted live on.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _socket.Dispose();
        _claims.Release(Outside);
    }

    private void StopSharing()
    {
        try
        {
            _socket.SetRawSocketOption(SocketLevel, ReusePort, BitConverter.GetBytes(0));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed meanwhile: it shares nothing.
        }
    }

    private async Task AcceptAsync(Action<Socket> accepted)
    {
        while (Volatile.Read(ref _disposed) == 0)
        {
            try
            {
                var outside = await _socket.AcceptAsync();
                Interlocked.Increment(ref _accepted);
                accepted(outside);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException) when (Volatile.Read(ref _disposed) != 0)
            {
                return;
            }
            catch (SocketException)
            {
                // Gone before it was accepted, or no descriptor left; the pause keeps the second from spinning.
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
        }
    }
}
