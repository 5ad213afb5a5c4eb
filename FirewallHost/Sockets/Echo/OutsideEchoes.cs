using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Sockets.Echo;

/// <summary>
/// The echo requests of all clients, under one identifier outside for each IP version: which is whose is told by the sequence number that each gets here (RFC 5508, REQ-1a: one
/// mapping whatever the host). The numbers go round, so the one that would be given next is always the oldest.
/// </summary>
internal sealed class OutsideEchoes : IEchoAnswers, IDisposable
{
    private readonly PendingEcho?[] _pending = new PendingEcho?[ushort.MaxValue + 1];
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly IEchoSender? _ipv4;
    private readonly IEchoSender? _ipv6;
    private ushort _next;

    /// <param name="open">Makes the sender of an IP version; null where there is none.</param>
    public OutsideEchoes(Func<AddressFamily, IEchoAnswers, IEchoSender?> open, TimeProvider time)
    {
        _time = time;
        _ipv4 = open(AddressFamily.InterNetwork, this);
        _ipv6 = open(AddressFamily.InterNetworkV6, this);
    }

    /// <summary>How it is done, for the log.</summary>
    public string Description => (_ipv4, _ipv6) switch
    {
        (null, null) => "none, neither net.ipv4.ping_group_range nor CAP_NET_RAW allows it",
        ({ } one, null) => $"{one.Description}, IPv4",
        (null, { } one) => $"{one.Description}, IPv6",
        ({ } one, { } other) when one.Description == other.Description => one.Description,
        ({ } one, { } other) => $"{one.Description}, IPv4; {other.Description}, IPv6",
    };

    public static OutsideEchoes None(TimeProvider time) => new((_, _) => null, time);

    /// <summary>False where this process may not ping, or has no address: then clients are not told that it could.</summary>
    public bool IsAvailable(AddressFamily family) => Sender(family) is not null;

    /// <summary>False where it did not go out: too many are under way, or the system would not take it.</summary>
    /// <param name="timeToLive">As it leaves here.</param>
    public bool TrySend(IEchoOwner owner, EchoRequest request, byte timeToLive)
    {
        if (Sender(request.Destination.AddressFamily) is not { } sender)
            return false;
        var now = _time.Milliseconds();
        ushort sequence;
        lock (_lock)
        {
            sequence = _next;
            if (_pending[sequence] is { } oldest && !IsOver(oldest, now))
                return false;
            _next++;
            _pending[sequence] = new PendingEcho(owner, request with { Data = default }, now);
        }

        return sender.TrySend(request.Destination, sequence, timeToLive, request.Flags.HasFlag(EchoFlags.DontFragment), request.Data);
    }

    void IEchoAnswers.Replied(ushort sequence, IPAddress source, byte timeToLive, ReadOnlySpan<byte> data)
    {
        if (Find(sequence, source) is { } echo && echo.TakesReply())
            echo.Owner.Replied(echo.Request, timeToLive, data);
    }

    void IEchoAnswers.Failed(ushort sequence, IPAddress destination, in IcmpReport report)
    {
        // It ends nothing (RFC 5508, REQ-6): a reply may still come.
        if (Find(sequence, destination) is { } echo && echo.TakesReply())
            echo.Owner.Failed(echo.Request, report);
    }

    public void Dispose()
    {
        _ipv4?.Dispose();
        _ipv6?.Dispose();
    }

    private IEchoSender? Sender(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? _ipv6 : _ipv4;

    /// <summary>Only whom the request went to may answer it.</summary>
    private PendingEcho? Find(ushort sequence, IPAddress destination)
    {
        lock (_lock)
            return _pending[sequence] is { } echo && echo.Request.Destination.Equals(destination) && !IsOver(echo, _time.Milliseconds()) ? echo : null;
    }

    private static bool IsOver(PendingEcho echo, long now) => now - echo.SentAt >= (long)Limits.EchoLifetime.TotalMilliseconds;
}
