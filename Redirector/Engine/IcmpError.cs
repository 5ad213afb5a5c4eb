using System.Buffers.Binary;
using System.Runtime.InteropServices;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>
/// ICMP errors that quote a packet which we had rewritten (fragmentation needed, unreachable, time exceeded). Inbound: the program's stack knows only the packet
/// as it sent it, so the quote is turned back (RFC 5508, REQ-4), or path MTU discovery would break. Outbound: this machine complains of a packet of the firewall
/// to whom it takes for the sender (REQ-5). Neither touches the flow (RFC 5382, REQ-10). IPv4 only, as is everything inside today.
/// </summary>
internal static class IcmpError
{
    public static bool Is(in PacketView view) => view.Protocol == IpProtocol.Icmp && view.Transport[0] is 3 or 11 or 12;

    /// <summary>False, with the packet untouched, where the quoted packet belongs to no flow that is translated.</summary>
    public static bool TryTranslate(Span<byte> packet, in PacketView view, FlowTable table, ref DivertAddress address)
    {
        var quote = packet[view.PayloadOffset..view.Length];
        if (TransportOf(quote) is not (> 0 and var transport) || !IsSound(view.Transport, address.Checksums) || !IsSound(quote[..transport], ChecksumState.Valid))
            return false;
        var (source, destination) = (Endpoint(quote, 12, transport), Endpoint(quote, 16, transport + 2));
        // The quoted packet went the other way than the error: what came back to it would have the key of the error's own direction.
        if (!table.TryFind(new FlowKey(address.Direction, quote[9], destination, source), out var half) || !half.Flow.Translates)
            return false;
        return address.Direction == PacketDirection.Inbound
            ? TurnBack(packet, view, quote, transport, half, ref address) : TurnOut(packet, view, quote, transport, half, ref address);
    }

    private static bool TurnBack(Span<byte> packet, in PacketView view, Span<byte> quote, int transport, FlowHalf half, ref DivertAddress address)
    {
        var rewrite = half.Rewrite;
        Put(quote, 16, transport, 2, rewrite);
        // An error that the firewall itself sends comes, for the program, from its peer; a router in between stays who it is.
        if (view.Source.Address == half.Flow.Inside.Address)
            BinaryPrimitives.WriteUInt32BigEndian(packet[12..], rewrite.To.IPv4);
        if (half.Own is { } own)
        {
            Put(quote, 12, transport, 0, own.Value);
            BinaryPrimitives.WriteUInt32BigEndian(packet[16..], own.Value.To.IPv4);
            half.Readdress(ref address);
        }
        address.Checksums = ChecksumState.None;
        PacketEdit.Complete(packet, view, ref address.Checksums);
        return true;
    }

    /// <summary>The outbound half's rewrites fit as they are: the quote's source is the peer, and so is the error's destination.</summary>
    private static bool TurnOut(Span<byte> packet, in PacketView view, Span<byte> quote, int transport, FlowHalf half, ref DivertAddress address)
    {
        var rewrite = half.Rewrite;
        Put(quote, 12, transport, 0, rewrite);
        BinaryPrimitives.WriteUInt32BigEndian(packet[16..], rewrite.To.IPv4);
        if (half.Own is { } own)
        {
            Put(quote, 16, transport, 2, own.Value);
            BinaryPrimitives.WriteUInt32BigEndian(packet[12..], own.Value.To.IPv4);
        }
        address.Checksums = ChecksumState.None;
        PacketEdit.Complete(packet, view, ref address.Checksums);
        return true;
    }

    /// <summary>Where the quoted transport header begins; 0 where there is none of ours. Eight bytes of it are sure (RFC 792): the ports are in them, and UDP's checksum.</summary>
    private static int TransportOf(ReadOnlySpan<byte> quote)
    {
        if (quote.Length < 28 || quote[0] >> 4 != 4 || quote[9] is not (IpProtocol.Tcp or IpProtocol.Udp))
            return 0;
        var transport = (quote[0] & 0x0F) * 4;
        return transport >= 20 && quote.Length >= transport + 8 ? transport : 0;
    }

    /// <summary>
    /// The checksums are computed anew, so a damaged error would come out whole (RFC 5508, REQ-3): it is left to the system, which knows no such packet. The
    /// quote's own transport checksum is not looked at (REQ-3c).
    /// </summary>
    private static bool IsSound(ReadOnlySpan<byte> bytes, ChecksumState state) =>
        (state & ChecksumState.Transport) == 0 || InternetChecksum.Fold(InternetChecksum.Sum(bytes)) == ushort.MaxValue;

    private static PacketEndpoint Endpoint(ReadOnlySpan<byte> quote, int address, int port) => PacketEndpoint.FromIPv4(
        BinaryPrimitives.ReadUInt32BigEndian(quote[address..]), BinaryPrimitives.ReadUInt16BigEndian(quote[port..]));

    /// <summary>One endpoint of the quoted packet, and its checksums as far as they are quoted.</summary>
    private static void Put(Span<byte> quote, int address, int transport, int port, in EndpointRewrite rewrite)
    {
        BinaryPrimitives.WriteUInt32BigEndian(quote[address..], rewrite.To.IPv4);
        BinaryPrimitives.WriteUInt16BigEndian(quote[(transport + port)..], rewrite.To.Port);
        Update(quote, 10, rewrite.AddressDelta);
        var isTcp = quote[9] == IpProtocol.Tcp;
        var field = transport + (isTcp ? 16 : 6);
        if (quote.Length >= field + 2 && (isTcp || MemoryMarshal.Read<ushort>(quote[field..]) != 0))
            Update(quote, field, rewrite.TransportDelta);
    }

    private static void Update(Span<byte> quote, int field, ushort delta) =>
        MemoryMarshal.Write(quote[field..], InternetChecksum.Update(MemoryMarshal.Read<ushort>(quote[field..]), delta));
}
