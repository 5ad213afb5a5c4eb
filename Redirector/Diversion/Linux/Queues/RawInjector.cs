using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.Queues;

/// <summary>
/// Sends IPv4 packets of our own, headers included. A packet for a local program goes out by a raw socket too and turns round at lo: measured to arrive under
/// every rp_filter setting, with any source address, which neither TUN nor AF_PACKET does. A raw socket cuts nothing: packets are at most one MTU.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class RawInjector : IDisposable
{
    private const int ProtocolRaw = 255;
    private const int LevelIp = 0;
    private const int HeaderIncluded = 3;
    private const int SocketMark = 36;
    private readonly Descriptor _socket;

    public RawInjector(uint mark)
    {
        _socket = Libc.Socket(Libc.FamilyInet, Libc.SocketRaw | Libc.CloseOnExec, ProtocolRaw).OrThrow("raw socket");
        Libc.SetOption(_socket, LevelIp, HeaderIncluded, 1, "IP_HDRINCL");
        Libc.SetOption(_socket, Libc.LevelSocket, SocketMark, (int)mark, "SO_MARK");
    }

    /// <summary>False where the packet is no whole IPv4 packet or the system does not take it.</summary>
    public bool Send(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < 20 || packet[0] >> 4 != 4) return false;
        Span<byte> address = stackalloc byte[16];
        address.Clear();
        MemoryMarshal.Write(address, (ushort)Libc.FamilyInet);
        packet.Slice(16, 4).CopyTo(address[4..]);
        fixed (byte* data = packet, target = address)
        {
            while (true)
            {
                if (Libc.SendTo(_socket, data, (nuint)packet.Length, 0, target, 16) >= 0) return true;
                if (Marshal.GetLastPInvokeError() != Libc.Interrupted) return false;
            }
        }
    }

    public void Dispose() => _socket.Dispose();
}
