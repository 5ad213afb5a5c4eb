using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Pings;

/// <summary>An echo request of a program, as it left.</summary>
internal sealed class SentEcho
{
    private byte[]? _whole;

    public SentEcho(byte[] packet, in DivertAddress address, long sentAt)
    {
        var view = new PacketView(packet);
        _whole = packet;
        Address = address;
        SentAt = sentAt;
        Client = view.Source;
        Destination = view.Destination;
        Second = IcmpMessage.Second(view);
        TimeToLive = packet[view.IsIPv4 ? 8 : 7];
        // No router cuts a packet of IPv6.
        DontFragment = view.IsIPv4 && (packet[6] & 0x40) != 0;
        PayloadOffset = view.PayloadOffset;
        Packet = packet.AsSpan(0, Math.Min(packet.Length, PingLimits.Quote)).ToArray();
    }

    public DivertAddress Address { get; }

    public long SentAt { get; }

    /// <summary>Port 0: ICMP has none.</summary>
    public PacketEndpoint Client { get; }

    /// <summary>Port 0.</summary>
    public PacketEndpoint Destination { get; }

    public byte TimeToLive { get; }

    public bool DontFragment { get; }

    /// <summary>Identifier and sequence, as the header's second word has them.</summary>
    public uint Second { get; }

    public ushort Identifier => (ushort)(Second >> 16);

    public ushort Sequence => (ushort)Second;

    /// <summary>Its beginning, for an error's quote.</summary>
    public byte[] Packet { get; }

    /// <summary>All of it, until it is on its way.</summary>
    public byte[] Whole => _whole ?? Packet;

    public ReadOnlyMemory<byte> Data => Whole.AsMemory(PayloadOffset);

    private int PayloadOffset { get; }

    /// <summary>It is on its way: its data is not kept.</summary>
    public void Trim() => _whole = null;
}
