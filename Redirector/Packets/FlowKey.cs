using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace FwRedirect.Redirector.Packets;

/// <summary>
/// What names one direction of a flow: the packet's direction, protocol and both endpoints as they stand in the packet. 40 bytes, compared as five words.
/// </summary>
internal readonly struct FlowKey : IEquatable<FlowKey>
{
    /// <summary>Destinations are chosen by whoever runs a program here: without a secret, addresses could be picked that all fall into one bucket.</summary>
    private static readonly ulong Seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    /// <summary>The low half of ::ffff:0.0.0.0, as <see cref="PacketEndpoint"/> keeps IPv4.</summary>
    private const ulong Mapped = 0x0000_FFFF_0000_0000;

    private readonly ulong _sourceHigh;
    private readonly ulong _sourceLow;
    private readonly ulong _destinationHigh;
    private readonly ulong _destinationLow;
    private readonly ulong _rest;

    public FlowKey(PacketDirection direction, byte protocol, PacketEndpoint source, PacketEndpoint destination)
    {
        _sourceHigh = (ulong)(source.Address >> 64);
        _sourceLow = (ulong)source.Address;
        _destinationHigh = (ulong)(destination.Address >> 64);
        _destinationLow = (ulong)destination.Address;
        _rest = ((ulong)direction << 40) | ((ulong)protocol << 32) | ((ulong)source.Port << 16) | destination.Port;
    }

    private FlowKey(ulong rest, uint source, uint destination)
    {
        _sourceLow = Mapped | source;
        _destinationLow = Mapped | destination;
        _rest = rest;
    }

    /// <summary>The same key as by the packet's endpoints, read straight from its bytes: every packet of every flow comes here.</summary>
    public static FlowKey Of(in PacketView packet, PacketDirection direction)
    {
        if (!packet.IsIPv4 || packet.Protocol is not (IpProtocol.Tcp or IpProtocol.Udp))
            return new FlowKey(direction, packet.Protocol, packet.Source, packet.Destination);
        var ports = BinaryPrimitives.ReadUInt32BigEndian(packet.Transport);
        return new FlowKey(
            ((ulong)direction << 40) | ((ulong)packet.Protocol << 32) | ports,
            BinaryPrimitives.ReadUInt32BigEndian(packet.Bytes[12..]), BinaryPrimitives.ReadUInt32BigEndian(packet.Bytes[16..]));
    }

    public bool Equals(FlowKey other) =>
        _rest == other._rest && _sourceLow == other._sourceLow && _destinationLow == other._destinationLow
        && _sourceHigh == other._sourceHigh && _destinationHigh == other._destinationHigh;

    public override bool Equals(object? obj) => obj is FlowKey other && Equals(other);

    public override int GetHashCode()
    {
        var hash = (Seed ^ _rest) * 0x9E37_79B9_7F4A_7C15;
        hash = BitOperations.RotateLeft(hash ^ _destinationLow, 31) * 0xC2B2_AE3D_27D4_EB4F;
        hash = BitOperations.RotateLeft(hash ^ _sourceLow, 29) * 0x1656_67B1_9E37_79F9;
        hash = (hash ^ _sourceHigh ^ BitOperations.RotateLeft(_destinationHigh, 32)) * 0x9E37_79B9_7F4A_7C15;
        return (int)(hash >> 32);
    }
}
