using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace FwRedirect.Redirector.Packets;

/// <summary>Changes to a packet in place. After each one all checksums are complete and the state says so.</summary>
internal static class PacketEdit
{
    /// <summary>
    /// Puts <paramref name="rewrite"/>'s endpoint at one side of the TCP or UDP packet that <paramref name="view"/> was made of. A checksum that is valid is updated (RFC 1624), so that a packet damaged
    /// on its way stays recognisable as damaged; one that was left to the network card is computed in full.
    /// </summary>
    public static void Rewrite(Span<byte> packet, in PacketView view, PacketSide side, in EndpointRewrite rewrite, ref ChecksumState checksums)
    {
        if (view.IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(packet[(side == PacketSide.Source ? 12 : 16)..], rewrite.To.IPv4);
            if ((checksums & ChecksumState.IpHeader) != 0)
                Update(packet, 10, rewrite.AddressDelta);
            else
                CompleteHeader(packet, view);
        }
        else
        {
            BinaryPrimitives.WriteUInt128BigEndian(packet[(side == PacketSide.Source ? 8 : 24)..], rewrite.To.Address);
        }
        BinaryPrimitives.WriteUInt16BigEndian(packet[(view.TransportOffset + (side == PacketSide.Source ? 0 : 2))..], rewrite.To.Port);
        if (IsLeftToSegments(view, checksums))
        {
            UpdatePartial(packet, view.TransportOffset + 6, rewrite.AddressDelta);
            checksums = ChecksumState.IpHeader | ChecksumState.Partial;
            return;
        }
        if ((checksums & ChecksumState.Transport) == 0)
            CompleteTransport(packet, view);
        else if (view.Protocol == IpProtocol.Tcp)
            Update(packet, view.TransportOffset + 16, rewrite.TransportDelta);
        else
            UpdateUdp(packet, view.TransportOffset + 6, rewrite.TransportDelta);
        checksums = ChecksumState.Valid;
    }

    public static void SetSource(Span<byte> packet, PacketEndpoint to, ref ChecksumState checksums)
    {
        var view = new PacketView(packet);
        Rewrite(packet, view, PacketSide.Source, EndpointRewrite.Between(view.Source, to), ref checksums);
    }

    public static void SetDestination(Span<byte> packet, PacketEndpoint to, ref ChecksumState checksums)
    {
        var view = new PacketView(packet);
        Rewrite(packet, view, PacketSide.Destination, EndpointRewrite.Between(view.Destination, to), ref checksums);
    }

    /// <summary>Computes what <paramref name="checksums"/> does not call valid; a packet that the view could not read keeps what it has.</summary>
    public static void Complete(Span<byte> packet, in PacketView view, ref ChecksumState checksums)
    {
        if (view.Protocol == IpProtocol.None)
            return;
        if (view.IsIPv4 && (checksums & ChecksumState.IpHeader) == 0)
            CompleteHeader(packet, view);
        if (IsLeftToSegments(view, checksums))
        {
            checksums |= ChecksumState.IpHeader;
            return;
        }
        if ((checksums & ChecksumState.Transport) == 0)
            CompleteTransport(packet, view);
        checksums = ChecksumState.Valid;
    }

    /// <summary>The checksum of a packet that came from the wire fits what it covers.</summary>
    public static bool IsTransportSound(in PacketView view) => InternetChecksum.Fold(PseudoHeaderSum(view) + InternetChecksum.Sum(view.Transport)) == ushort.MaxValue;

    /// <summary>TCP's is computed in full all the same: there the system makes the segments' sums anew.</summary>
    private static bool IsLeftToSegments(in PacketView view, ChecksumState checksums) =>
        (checksums & (ChecksumState.Partial | ChecksumState.Transport)) == ChecksumState.Partial && view.Protocol == IpProtocol.Udp;

    private static void CompleteHeader(Span<byte> packet, in PacketView view)
    {
        Write(packet, 10, 0);
        Write(packet, 10, (ushort)~InternetChecksum.Fold(InternetChecksum.Sum(packet[..view.TransportOffset])));
    }

    private static void CompleteTransport(Span<byte> packet, in PacketView view)
    {
        var field = view.TransportOffset + view.Protocol switch { IpProtocol.Tcp => 16, IpProtocol.Udp => 6, _ => 2 };
        Write(packet, field, 0);
        var checksum = (ushort)~InternetChecksum.Fold(PseudoHeaderSum(view) + InternetChecksum.Sum(view.Transport));
        // 0 means "no checksum" in UDP (RFC 768), so its other form is sent.
        Write(packet, field, checksum == 0 && view.Protocol == IpProtocol.Udp ? ushort.MaxValue : checksum);
    }

    private static ulong PseudoHeaderSum(in PacketView view)
    {
        if (view.Protocol == IpProtocol.Icmp)
            return 0;
        var addresses = InternetChecksum.Sum(view.IsIPv4 ? view.Bytes[12..20] : view.Bytes[8..40]);
        var length = (ushort)(view.Length - view.TransportOffset);
        return addresses + NetworkOrder(length) + NetworkOrder(view.Protocol);
    }

    private static ushort NetworkOrder(ushort value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    private static void Update(Span<byte> packet, int field, ushort delta) =>
        Write(packet, field, InternetChecksum.Update(MemoryMarshal.Read<ushort>(packet[field..]), delta));

    /// <summary>The sum of the pseudo header itself, not its complement; ports are not in it.</summary>
    private static void UpdatePartial(Span<byte> packet, int field, ushort delta) =>
        Write(packet, field, InternetChecksum.Fold((ulong)MemoryMarshal.Read<ushort>(packet[field..]) + delta));

    private static void UpdateUdp(Span<byte> packet, int field, ushort delta)
    {
        var before = MemoryMarshal.Read<ushort>(packet[field..]);
        if (before == 0)
            return;
        var after = InternetChecksum.Update(before, delta);
        Write(packet, field, after == 0 ? ushort.MaxValue : after);
    }

    private static void Write(Span<byte> packet, int field, ushort value) => MemoryMarshal.Write(packet[field..], value);
}
