using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>Connects outside, from the external address of the destination's IP version.</summary>
internal sealed class OutboundConnection(FirewallOptions options, TimeProvider time)
{
    // IPPROTO_IP and IP_BIND_ADDRESS_NO_PORT of Linux (ip(7)): the port is chosen at connect, by the whole four-tuple. Without it every connection has a port of its own (RFC 5382,
    // REQ-7), and some 28,000 of them are all there are. An IPv6 socket takes the option of IPv4, for it has none of its own.
    private const int BindProtocol = 0;
    private const int BindAddressNoPort = 24;

    // Two connected sockets may share a port where both have SO_REUSEADDR, which .NET sets at bind under Unix. Of Windows that is not known.
    private static readonly bool IsShareable = !OperatingSystem.IsWindows();

    /// <param name="mapping">The outside port that the client's endpoint has, or gets by this.</param>
    /// <param name="bound">The client's endpoint is bound here, to this: its connections go out from there too, as they do inside.</param>
    /// <returns>A connected socket; its local endpoint is what the server sees.</returns>
    /// <exception cref="SocketFailure">It did not come about; says what the program shall see.</exception>
    public async Task<Socket> ConnectAsync(IPEndPoint destination, OutsideMapping mapping, Binding? bound, CancellationToken stop)
    {
        if (options.ExternalOf(destination.AddressFamily) is not { } externalAddress)
            throw new SocketFailure(WinsockError.WSAENETUNREACH, $"the firewall has no outside address of the family of {destination.Address}");

        using var timeout = new CancellationTokenSource(Limits.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        var socket = new Socket(destination.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            try
            {
                await StartFrom(externalAddress, mapping, bound, socket, destination, either.Token);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AddressNotAvailable)
            {
                // The client's port is at rest towards this server (TIME-WAIT), or no port is left that nobody has: one that goes to other servers is better than none.
                socket.Dispose();
                socket = new Socket(destination.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                if (OperatingSystem.IsLinux())
                    socket.SetRawSocketOption(BindProtocol, BindAddressNoPort, BitConverter.GetBytes(1));
                socket.Bind(new IPEndPoint(externalAddress, 0));
                await socket.ConnectAsync(destination, either.Token);
            }

            socket.PrepareForRelay();
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw SocketFailure.Connecting(destination, e);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketFailure(
                WinsockError.WSAETIMEDOUT, $"{destination.Slash()} did not answer within {Limits.ConnectTimeout.TotalSeconds} s");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Binds and begins: the port is known as soon as the first SYN is out, long before the connection stands.</summary>
    private static Task StartFrom(IPAddress externalAddress, OutsideMapping mapping, Binding? bound, Socket socket, IPEndPoint destination, CancellationToken stop)
    {
        lock (mapping.Gate)
        {
            if (bound is null || (mapping.Port != 0 && mapping.Port != bound.Outside.Port) || !bound.TryShare(socket))
                socket.Bind(new IPEndPoint(externalAddress, IsShareable ? mapping.Port : 0));
            var connecting = socket.ConnectAsync(destination, stop).AsTask();
            if (mapping.Port == 0)
                mapping.Port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            return connecting;
        }
    }
}
