using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Native;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>WINDIVERT_ADDRESS of a packet to <see cref="DivertAddress"/> and back.</summary>
[SupportedOSPlatform("windows")]
internal static class PacketAddresses
{
    /// <summary>What one Ethernet frame carries. Where frames are larger, a packet that fits one of them counts as segmented too.</summary>
    private const int LargestFrame = 1500;

    /// <summary>In <see cref="DivertAddress.Id"/> of a packet that was captured; below it stand the driver's own bits, so that a held packet leaves as it came.</summary>
    private const ulong Captured = 1UL << 32;

    public static DivertAddress FromDriver(in WinDivertAddress address, ReadOnlySpan<byte> packet) => new()
    {
        Id = Captured | address.Bits,
        Timestamp = address.Timestamp,
        InterfaceIndex = address.InterfaceIndex,
        SubInterfaceIndex = address.SubInterfaceIndex,
        Direction = (address.Flags & WinDivertAddressFlags.Outbound) != 0 ? PacketDirection.Outbound : PacketDirection.Inbound,
        Checksums = Checksums(address.Flags, packet),
        Segmented = packet.Length > LargestFrame,
    };

    /// <summary>A packet of our own is an impostor: should another driver send it back to us, its TTL ends the circle.</summary>
    public static WinDivertAddress ToDriver(in DivertAddress address, ReadOnlySpan<byte> packet)
    {
        var driver = new WinDivertAddress
        {
            Bits = (uint)address.Id,
            Timestamp = address.Timestamp,
            InterfaceIndex = address.InterfaceIndex,
            SubInterfaceIndex = address.SubInterfaceIndex,
        };
        if (address.Id == 0)
        {
            driver.Flags = WinDivertAddressFlags.Impostor;
            if (packet[0] >> 4 == 6)
                driver.Flags |= WinDivertAddressFlags.IPv6;
        }

        driver.Flags = address.Direction == PacketDirection.Outbound
            ? driver.Flags | WinDivertAddressFlags.Outbound
            : driver.Flags & ~WinDivertAddressFlags.Outbound;
        driver.Flags = WithChecksums(driver.Flags, address.Checksums);
        return driver;
    }

    /// <summary>A bit that is not set makes the driver compute that field when it sends the packet.</summary>
    public static WinDivertAddressFlags WithChecksums(WinDivertAddressFlags flags, ChecksumState checksums)
    {
        flags &= ~WinDivertAddressFlags.Checksums;
        if ((checksums & ChecksumState.IpHeader) != 0)
            flags |= WinDivertAddressFlags.IpChecksum;
        if ((checksums & ChecksumState.Transport) != 0)
            flags |= WinDivertAddressFlags.TcpChecksum | WinDivertAddressFlags.UdpChecksum;
        return flags;
    }

    /// <summary>The bit of a protocol that the packet is not of says nothing about it. Behind extension headers, which we do not walk here, both must be set.</summary>
    private static ChecksumState Checksums(WinDivertAddressFlags flags, ReadOnlySpan<byte> packet)
    {
        var isIPv6 = packet[0] >> 4 == 6;
        var transport = (isIPv6 ? packet[6] : packet[9]) switch
        {
            IpProtocol.Tcp => WinDivertAddressFlags.TcpChecksum,
            IpProtocol.Udp => WinDivertAddressFlags.UdpChecksum,
            _ => WinDivertAddressFlags.TcpChecksum | WinDivertAddressFlags.UdpChecksum,
        };
        var state = (flags & transport) == transport ? ChecksumState.Transport : ChecksumState.None;
        return isIPv6 || (flags & WinDivertAddressFlags.IpChecksum) != 0 ? state | ChecksumState.IpHeader : state;
    }
}
