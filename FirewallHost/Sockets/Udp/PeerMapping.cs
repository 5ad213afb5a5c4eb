using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Sockets.Udp;

/// <summary>
/// One peer of a program's UDP socket, and the inside port that stands for it. An unknown peer's mapping is closed at first: its datagrams are held until the client knows
/// of it. What the program sends goes out at once, for it can only know the port from us.
/// </summary>
internal sealed class PeerMapping(uint number, UdpAssociation association, IPEndPoint peer, InsideDatagramPort port, long now)
{
    private readonly Lock _lock = new();
    private readonly SocketAddress _peerAddress = peer.Serialize();
    private readonly PathWidth _path = new(association.Client, peer);
    private readonly Queue<byte[]> _held = [];
    private int _heldBytes;
    private int _open;
    private long _bytesOut;
    private long _bytesIn;
    private long _lastOut = now;
    private long _lastIn = now;
    private long _nextError = long.MinValue;

    /// <summary>The firewall's number of the mapping.</summary>
    public uint Number => number;

    public UdpAssociation Association => association;

    public IPEndPoint Peer => peer;

    public SocketAddress PeerAddress => _peerAddress;

    public InsideDatagramPort Port => port;

    /// <summary>The Connect request that asked for it; null for one that began outside, until the program sends too.</summary>
    public ObjectId? Connect { get; set; }

    /// <summary>It began outside, and was told by New mapping.</summary>
    public bool IsInbound { get; init; }

    /// <summary>The rule that allowed it, for the access log.</summary>
    public string Rule { get; set; } = "";

    /// <summary>The name that the program had looked up, for the access log.</summary>
    public string? PeerName { get; set; }

    /// <summary>Milliseconds of the steady clock.</summary>
    public long Started { get; } = now;

    public long BytesOut => Interlocked.Read(ref _bytesOut);

    public long BytesIn => Interlocked.Read(ref _bytesIn);

    public bool IsOpen => Volatile.Read(ref _open) != 0;

    /// <summary>The program itself wanted this peer: it asked for it, or answered.</summary>
    public bool IsWanted => Connect is not null || BytesOut > 0;

    /// <summary>Last datagram of either side.</summary>
    public long LastUsed => Math.Max(Volatile.Read(ref _lastOut), Volatile.Read(ref _lastIn));

    public long LastRefresh(DatagramRefresh refresh) => refresh == DatagramRefresh.Outbound ? Volatile.Read(ref _lastOut) : LastUsed;

    /// <summary>The client knows of it: what was held goes first.</summary>
    public void Open()
    {
        lock (_lock)
        {
            if (IsOpen)
                return;
            while (_held.TryDequeue(out var datagram))
                Deliver(datagram);
            Volatile.Write(ref _open, 1);
        }
    }

    /// <summary>From the peer to the program.</summary>
    public void SendIn(ReadOnlySpan<byte> datagram)
    {
        Volatile.Write(ref _lastIn, association.Used());
        if (IsOpen)
        {
            Deliver(datagram);
            return;
        }

        lock (_lock)
        {
            if (IsOpen)
            {
                Deliver(datagram);
            }
            else if (_held.Count < Limits.HeldDatagrams && _heldBytes + datagram.Length <= Limits.HeldBytes)
            {
                _held.Enqueue(datagram.ToArray());
                _heldBytes += datagram.Length;
            }
            else
            {
                association.Drop(DropReason.NoRoom, _peerAddress);
            }
        }
    }

    /// <summary>From the program to the peer.</summary>
    public void SendOut(ReadOnlySpan<byte> datagram)
    {
        var at = association.Used();
        Volatile.Write(ref _lastOut, at);
        if (association.SendOut(datagram, this))
            Interlocked.Add(ref _bytesOut, datagram.Length);
        if (_path.TooLarge(datagram.Length, at) is > 0 and var mtu)
            association.Owner.TooLarge(this, mtu);
    }

    /// <summary>A router outside says that larger packets do not get through.</summary>
    public void Narrow(int mtu)
    {
        _path.Narrow(mtu, association.Used());
        association.Owner.TooLarge(this, mtu);
    }

    /// <summary>At most one error in <see cref="Limits.MappingErrorInterval"/> is told.</summary>
    public bool MayTellError(long at)
    {
        var due = Volatile.Read(ref _nextError);
        return at >= due && Interlocked.CompareExchange(ref _nextError, at + (long)Limits.MappingErrorInterval.TotalMilliseconds, due) == due;
    }

    private void Deliver(ReadOnlySpan<byte> datagram)
    {
        if (port.Send(datagram, association.ClientAddress) == SocketError.Success)
            Interlocked.Add(ref _bytesIn, datagram.Length);
        else
            association.Drop(DropReason.NotSent, _peerAddress);
    }
}
