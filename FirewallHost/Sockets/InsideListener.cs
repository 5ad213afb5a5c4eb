using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.FirewallHost.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>One listening socket inside. Who connects is either awaited or reset.</summary>
internal sealed partial class InsideListener : IDisposable
{
    private readonly Socket _socket;
    private readonly Func<IPEndPoint, InsideListener, InsideArrival?> _awaited;
    private readonly ILogger _logger;

    /// <exception cref="SocketException">The port can not be had.</exception>
    public InsideListener(IPEndPoint endpoint, Func<IPEndPoint, InsideListener, InsideArrival?> awaited, ILogger logger)
    {
        _awaited = awaited;
        _logger = logger;
        _socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _socket.Bind(endpoint);
            _socket.Listen(Limits.ListenBacklog);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        Endpoint = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public IPEndPoint Endpoint { get; }

    public void Start() => _ = AcceptAsync();

    public void Dispose() => _socket.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket accepted;
            try
            {
                accepted = await _socket.AcceptAsync();
            }
            catch (Exception e) when (e is ObjectDisposedException || (e as SocketException)?.SocketErrorCode == SocketError.OperationAborted)
            {
                return;
            }
            catch (SocketException e)
            {
                // Out of descriptors, or a connection that was gone before it was accepted. The pause keeps the first from spinning.
                LogAcceptFailed(Endpoint, e.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(100));
                continue;
            }

            Deliver(accepted);
        }
    }

    private void Deliver(Socket accepted)
    {
        try
        {
            var client = (IPEndPoint)accepted.RemoteEndPoint!;
            accepted.PrepareForRelay();
            if (_awaited(client, this)?.TryArrive(accepted) == true)
                return;
            LogNotAnnounced(client.Slash(), Endpoint.Slash());
        }
        catch (SocketException)
        {
            // Reset by the client before we looked.
        }

        accepted.Reset();
    }

    [LoggerMessage(300, LogLevel.Warning, "{Client} connected to {Inside} without being announced: reset")]
    private partial void LogNotAnnounced(string client, string inside);

    [LoggerMessage(301, LogLevel.Warning, "Accepting on {Inside} failed: {Error}")]
    private partial void LogAcceptFailed(IPEndPoint inside, string error);
}
