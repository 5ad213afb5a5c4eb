using System.Numerics;
using System.Security.Cryptography;
using FwRedirect.Redirector.Diversion;

namespace FwRedirect.Redirector.Packets;

/// <summary>
/// What names one direction of a flow: the packet's direction, protocol and both endpoints as they stand in the packet. 40 bytes, compared as five words.
/// </summary>
internal readonly struct FlowKey : IEquatable<FlowKey>
{
    /// <summary>Destinations are chosen by whoever runs a program here: without a secret, addresses could be picked that all fall into one bucket.</summary>
    private static readonly ulong Seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

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

    public static FlowKey Of(in PacketView packet, PacketDirection direction) =>
        new(direction, packet.Protocol, packet.Source, packet.Destination);

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
