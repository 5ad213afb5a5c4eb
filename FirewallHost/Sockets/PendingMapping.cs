using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>An accepted outside connection on its way to the program: announced by New mapping, waiting for Mapping received. Owns both sockets until it is made.</summary>
internal sealed class PendingMapping : IDisposable
{
    private readonly TaskCompletionSource _received = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _dropped = new();
    private readonly PortClaims _claims;
    private bool _made;
    private volatile bool _isRefused;

    /// <exception cref="SocketFailure">There is no inside port.</exception>
    public PendingMapping(uint id, Socket outside, IPEndPoint client, IPAddress inside, PortClaims claims)
    {
        Id = id;
        OutsideSocket = outside;
        Client = client;
        _claims = claims;
        Peer = (IPEndPoint)outside.RemoteEndPoint!;
        Outside = (IPEndPoint)outside.LocalEndPoint!;
        InsideSocket = claims.Bind(new IPEndPoint(inside, 0));
        Inside = (IPEndPoint)InsideSocket.LocalEndPoint!;
    }

    /// <summary>The firewall's number of the mapping.</summary>
    public uint Id { get; }

    public IPEndPoint Peer { get; }

    public IPEndPoint Outside { get; }

    /// <summary>Where the firewall will connect from.</summary>
    public IPEndPoint Inside { get; }

    public IPEndPoint Client { get; }

    public Socket OutsideSocket { get; }

    public Socket InsideSocket { get; }

    /// <summary>The client has acknowledged it; the program may have the connection any moment.</summary>
    public bool IsConfirmed => _received.Task.IsCompleted;

    /// <summary>The client itself has said that it does not want it.</summary>
    public bool IsRefused => _isRefused;

    /// <summary>The client's acknowledgement; one that speaks of other endpoints is none.</summary>
    public bool Confirm(MappingReceived received)
    {
        var same = received.ClientEndpoint.Equals(Client) && received.Inside.Equals(Inside) && received.Outside.Equals(Outside) && received.Peer.Equals(Peer);
        if (same)
            _received.TrySetResult();
        return same;
    }

    /// <summary>The client does not want it.</summary>
    public void Refuse()
    {
        _isRefused = true;
        Drop();
    }

    /// <summary>Its binding or its session ends.</summary>
    public void Drop()
    {
        try
        {
            _dropped.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Its own end came at the same moment.
        }
    }

    /// <summary>Waits for the client, then connects from exactly the announced port to exactly the bound endpoint. From here on both sockets are the caller's.</summary>
    /// <exception cref="SocketFailure">The client did not answer in time, or its program did not accept.</exception>
    /// <exception cref="OperationCanceledException">It was dropped.</exception>
    public async Task MakeAsync(TimeProvider time)
    {
        try
        {
            await _received.Task.WaitAsync(Limits.MappingDeadline, time, _dropped.Token);
            using var timeout = new CancellationTokenSource(Limits.ProgramAcceptDeadline, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_dropped.Token, timeout.Token);
            await InsideSocket.ConnectAsync(Client, either.Token);
            InsideSocket.PrepareForRelay();
            OutsideSocket.PrepareForRelay();
            _made = true;
        }
        catch (TimeoutException e)
        {
            throw new SocketFailure(WinsockError.WSAETIMEDOUT, $"the client did not acknowledge the mapping within {Limits.MappingDeadline.TotalSeconds} s", e);
        }
        catch (OperationCanceledException e) when (!_dropped.IsCancellationRequested)
        {
            throw new SocketFailure(WinsockError.WSAETIMEDOUT, $"{Client.Slash()} did not accept within {Limits.ProgramAcceptDeadline.TotalSeconds} s", e);
        }
        catch (SocketException e)
        {
            throw SocketFailure.Connecting(Client, e);
        }
    }

    /// <summary>Gives the inside port back; what was not made is reset.</summary>
    public void Dispose()
    {
        _claims.Release(Inside);
        _dropped.Dispose();
        if (_made)
            return;
        OutsideSocket.Reset();
        InsideSocket.Dispose();
    }
}
