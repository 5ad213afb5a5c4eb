using System.Buffers.Binary;

namespace FwRedirect.Redirector.Packets;

/// <summary>
/// One endpoint to put in the place of another, with the checksum difference worked out once: for a flow both never change, so a packet costs two stores
/// and two additions.
/// </summary>
internal readonly struct EndpointRewrite
{
    private EndpointRewrite(PacketEndpoint to, ushort addressDelta, ushort transportDelta)
    {
        To = to;
        AddressDelta = addressDelta;
        TransportDelta = transportDelta;
    }

    public PacketEndpoint To { get; }

    /// <summary>For the IPv4 header checksum, which covers the address.</summary>
    public ushort AddressDelta { get; }

    /// <summary>For the TCP or UDP checksum, which covers address (pseudo header) and port.</summary>
    public ushort TransportDelta { get; }

    /// <exception cref="ArgumentException">The two are not of one family: the packet would change its size.</exception>
    public static EndpointRewrite Between(PacketEndpoint from, PacketEndpoint to)
    {
        if (from.IsIPv4 != to.IsIPv4)
            throw new ArgumentException($"{from} and {to} are not of one address family", nameof(to));
        var before = AddressSum(from);
        var after = AddressSum(to);
        return new EndpointRewrite(
            to, InternetChecksum.Delta(before, after), InternetChecksum.Delta(before + PortWord(from), after + PortWord(to)));
    }

    private static ulong AddressSum(PacketEndpoint endpoint)
    {
        // An IPv4 address in its mapped form adds the prefix word FFFF, which is zero in ones' complement; still it is left out.
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, endpoint.Address);
        return InternetChecksum.Sum(endpoint.IsIPv4 ? bytes[12..] : bytes);
    }

    private static ulong PortWord(PacketEndpoint endpoint) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(endpoint.Port) : endpoint.Port;
}
