using System.Net.Sockets;
using FwRedirect.FirewallHost.Sockets;

namespace FwRedirect.FirewallHost.Relay;

/// <summary>
/// Joins an inside and an outside connection. A FIN is passed on and leaves the other way open; a reset on one side resets the other. Takes both sockets over.
/// </summary>
/// <param name="inside">The client's side.</param>
/// <param name="outside">The server's side.</param>
/// <param name="outwardFilter">What moves the client's bytes, given source and target; null: they go as they are.</param>
/// <param name="inwardFilter">The same for the server's bytes.</param>
internal sealed class SocketRelay(
    Socket inside, Socket outside, Func<Socket, Socket, IRelayDirection>? outwardFilter = null, Func<Socket, Socket, IRelayDirection>? inwardFilter = null)
{
    private readonly Lock _lock = new();
    private RelayEnd _end;
    private RelaySide _endedBy;
    private bool _finSeen;
    private IRelayDirection? _outward;
    private IRelayDirection? _inward;

    /// <summary>Delivered outside so far.</summary>
    public long BytesOut => Volatile.Read(ref _outward)?.Bytes ?? 0;

    /// <summary>Delivered inside so far.</summary>
    public long BytesIn => Volatile.Read(ref _inward)?.Bytes ?? 0;

    public async Task<RelayResult> RunAsync()
    {
        IRelayDirection outward;
        IRelayDirection inward;
        try
        {
            inside.Blocking = false;
            outside.Blocking = false;
            outward = outwardFilter?.Invoke(inside, outside) ?? new RelayDirection(inside, outside);
            inward = inwardFilter?.Invoke(outside, inside) ?? new RelayDirection(outside, inside);
            Volatile.Write(ref _outward, outward);
            Volatile.Write(ref _inward, inward);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            End(RelayEnd.Failed, RelaySide.Firewall);
            return new RelayResult(_end, _endedBy, 0, 0);
        }

        await Task.WhenAll(
            RunAsync(outward, RelaySide.Inside, RelaySide.Outside),
            RunAsync(inward, RelaySide.Outside, RelaySide.Inside));

        lock (_lock)
        {
            if (_end == RelayEnd.None)
                _end = RelayEnd.Completed;
        }

        inside.CloseInOrder();
        outside.CloseInOrder();
        return new RelayResult(_end, _endedBy, outward.Bytes, inward.Bytes);
    }

    /// <summary>Ends it from here, with a reset on both sides.</summary>
    public void Abort(RelayEnd reason) => End(reason, RelaySide.Firewall);

    private async Task RunAsync(IRelayDirection direction, RelaySide source, RelaySide target)
    {
        var end = await direction.RunAsync(() => SawFin(source));
        if (end == DirectionEnd.Finished)
            return;
        var side = end.AtSource ? source : target;
        End(
            end.Error switch
            {
                SocketError.ConnectionReset or SocketError.Shutdown or SocketError.ConnectionAborted or SocketError.NotConnected => RelayEnd.Reset,
                SocketError.TimedOut or SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown => RelayEnd.Lost,
                _ => RelayEnd.Failed,
            },
            side);
    }

    /// <summary>The first FIN is the one that ends a relay in order.</summary>
    private void SawFin(RelaySide by)
    {
        lock (_lock)
        {
            if (!_finSeen && _end == RelayEnd.None)
                _endedBy = by;
            _finSeen = true;
        }
    }

    private void End(RelayEnd reason, RelaySide by)
    {
        lock (_lock)
        {
            if (_end != RelayEnd.None)
                return;
            (_end, _endedBy) = (reason, by);
        }

        inside.Reset();
        outside.Reset();
    }
}
