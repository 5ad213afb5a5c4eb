using System.Buffers.Binary;
using System.Net;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>Lines for ICMP and ICMPv6; an error names the packet that it is about, since that is what a refused program comes from.</summary>
internal static class InternetControl
{
    public static string Describe(IpPacket packet)
    {
        var name = packet.Version == 4 ? "ICMP" : "ICMPv6";
        var span = packet.Payload.Span;
        if (span.Length < 4)
            return $"{name}:Damaged message, Len={packet.PayloadLength}";
        var what = packet.Version == 4 ? Version4(span[0], span[1]) : Version6(span[0], span[1]);
        var error = packet.Version == 4 ? span[0] is 3 or 4 or 5 or 11 or 12 : span[0] < 128;
        return $"{name}:{what}{(error && span.Length > 8 ? About(packet.Payload[8..]) : "")}";
    }

    private static string About(ReadOnlyMemory<byte> quoted)
    {
        if (!IpPacket.TryParse(quoted, quoted.Length, out var inner))
            return "";
        var ports = inner.Payload.Span;
        if (inner.Protocol is not (6 or 17) || ports.Length < 4)
            return $", about {inner.Source} to {inner.Destination}";
        var source = new IPEndPoint(inner.Source, BinaryPrimitives.ReadUInt16BigEndian(ports));
        var destination = new IPEndPoint(inner.Destination, BinaryPrimitives.ReadUInt16BigEndian(ports[2..]));
        return $", about {(inner.Protocol == 6 ? "TCP" : "UDP")} {source.Address}/{source.Port} to {destination.Address}/{destination.Port}";
    }

    private static string Version4(byte type, byte code) => (type, code) switch
    {
        (0, _) => "Echo Reply",
        (3, 0) => "Destination Unreachable, Network",
        (3, 1) => "Destination Unreachable, Host",
        (3, 2) => "Destination Unreachable, Protocol",
        (3, 3) => "Destination Unreachable, Port",
        (3, 4) => "Destination Unreachable, Fragmentation Needed",
        (3, 9 or 10 or 13) => "Destination Unreachable, Administratively Prohibited",
        (3, _) => $"Destination Unreachable, Code {code}",
        (5, _) => "Redirect",
        (8, _) => "Echo Request",
        (11, _) => "Time Exceeded",
        _ => $"Type {type}, Code {code}",
    };

    private static string Version6(byte type, byte code) => (type, code) switch
    {
        (1, 0) => "Destination Unreachable, No Route",
        (1, 1) => "Destination Unreachable, Administratively Prohibited",
        (1, 3) => "Destination Unreachable, Address",
        (1, 4) => "Destination Unreachable, Port",
        (1, _) => $"Destination Unreachable, Code {code}",
        (2, _) => "Packet Too Big",
        (3, _) => "Time Exceeded",
        (128, _) => "Echo Request",
        (129, _) => "Echo Reply",
        (133, _) => "Router Solicitation",
        (134, _) => "Router Advertisement",
        (135, _) => "Neighbor Solicitation",
        (136, _) => "Neighbor Advertisement",
        (143, _) => "Multicast Listener Report",
        _ => $"Type {type}, Code {code}",
    };
}
