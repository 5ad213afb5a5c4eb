using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>Connects outside, from the external address of the destination's IP version.</summary>
internal sealed class OutboundConnection(FirewallOptions options, TimeProvider time)
{
    // IPPROTO_IP and IP_BIND_ADDRESS_NO_PORT of Linux (ip(7)): the port is chosen at connect, by the whole four-tuple. Without it every connection
    // takes a port of its own for all destinations together, and some 28,000 connections are the end. An IPv6 socket
    // takes the option of IPv4, for it has none of its own.
    private const int BindProtocol = 0;
    private const int BindAddressNoPort = 24;

    /// <returns>A connected socket; its local endpoint is what the server sees.</returns>
    /// <exception cref="SocketFailure">It did not come about; says what the program shall see.</exception>
    public async Task<Socket> ConnectAsync(IPEndPoint destination, CancellationToken stop)
    {
        if (options.ExternalOf(destination.AddressFamily) is not { } externalAddress)
            throw new SocketFailure(WinsockError.WSAENETUNREACH, $"the firewall has no outside address of the family of {destination.Address}");

        var socket = new Socket(destination.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var timeout = new CancellationTokenSource(Limits.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            if (OperatingSystem.IsLinux())
                socket.SetRawSocketOption(BindProtocol, BindAddressNoPort, BitConverter.GetBytes(1));
            socket.Bind(new IPEndPoint(externalAddress, 0));
            await socket.ConnectAsync(destination, either.Token);
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
}
