using System.Net;
using System.Net.Sockets;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Sockets.Udp.Linux;

namespace FwRedirect.FirewallHost.Sockets.Udp;

/// <summary>
/// Whether a program's datagram was too large for the way outside, though not for its own way to us: a router between it and its peer would have said so to it, and here the ways meet.
/// What is larger than its own way comes in pieces, by its own system's will, and goes on in pieces.
/// </summary>
internal sealed class PathWidth(IPEndPoint client, IPEndPoint peer)
{
    private const int Unknown = int.MaxValue;

    private readonly int _headers = peer.AddressFamily == AddressFamily.InterNetwork ? 28 : 48;
    private long _nextLook = long.MinValue;
    private int _inside;
    private int _outside = Unknown;

    /// <summary>A router outside has said how much fits.</summary>
    public void Narrow(int mtu, long now)
    {
        Volatile.Write(ref _outside, mtu);
        Volatile.Write(ref _nextLook, now + (long)Limits.PathLook.TotalMilliseconds);
    }

    /// <returns>How much fits, where this is too much; else 0.</returns>
    public int TooLarge(int datagram, long now)
    {
        if (datagram <= Limits.DatagramOfEveryPath)
            return 0;
        if (now >= Volatile.Read(ref _nextLook))
            Look(now);
        var outside = Volatile.Read(ref _outside);
        return datagram + _headers > outside && datagram + _headers <= Volatile.Read(ref _inside) ? outside : 0;
    }

    private void Look(long now)
    {
        Volatile.Write(ref _nextLook, now + (long)Limits.PathLook.TotalMilliseconds);
        // Windows sends what is too large in pieces as well, but has not been asked.
        if (!OperatingSystem.IsLinux())
            return;
        Volatile.Write(ref _inside, PathMtu.Find(client) ?? 0);
        Volatile.Write(ref _outside, PathMtu.Find(peer) ?? Unknown);
    }
}
