using System.Buffers.Binary;
using System.Runtime.InteropServices;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>
/// ICMP errors that quote a packet which we had rewritten (fragmentation needed, unreachable, time exceeded): the program's stack knows only the packet as it
/// sent it, so the quote is turned back (RFC 5508, REQ-4), or path MTU discovery would break. IPv4 only, as is everything inside today.
/// </summary>
internal static class IcmpError
{
    public static bool Is(in PacketView view) => view.Protocol == IpProtocol.Icmp && view.Transport[0] is 3 or 11 or 12;

    /// <summary>False, with the packet untouched, where the quoted packet belongs to no flow that is translated.</summary>
    public static bool TryTranslateBack(Span<byte> packet, in PacketView view, FlowTable table, ref DivertAddress address)
    {
        // Eight bytes of the quoted transport header are sure (RFC 792): the ports are in them, and UDP's checksum.
        var quote = packet[view.PayloadOffset..view.Length];
        if (quote.Length < 28 || quote[0] >> 4 != 4)
            return false;
        var transport = (quote[0] & 0x0F) * 4;
        var protocol = quote[9];
        if (transport < 20 || quote.Length < transport + 8 || protocol is not (IpProtocol.Tcp or IpProtocol.Udp))
            return false;
        var seenAs = Endpoint(quote, 12, transport);
        var inside = Endpoint(quote, 16, transport + 2);
        if (!table.TryFind(new FlowKey(PacketDirection.Inbound, protocol, inside, seenAs), out var half) || !half.Flow.Translates)
            return false;
        var rewrite = half.Rewrite;
        Put(quote, 16, transport, 2, rewrite);
        // An error that the firewall itself sends comes, for the program, from its peer; a router in between stays who it is.
        if (view.Source.Address == inside.Address)
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
