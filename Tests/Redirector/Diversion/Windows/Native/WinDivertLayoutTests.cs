using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Native;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Diversion.Windows.Native;

/// <summary>The layout of WinDivert 2.2's windivert.h, on every system.</summary>
[TestClass]
[SupportedOSPlatform("windows")]
public sealed class WinDivertLayoutTests
{
    [TestMethod]
    public void AddressHasTheSizeAndOffsetsOfTheHeader()
    {
        Assert.AreEqual(80, Unsafe.SizeOf<WinDivertAddress>());
        Assert.AreEqual(16, Unsafe.SizeOf<WinDivertIpAddress>());
        // Each byte holds its own offset, so a field's value says where it begins and how wide it is.
        var bytes = Enumerable.Range(0, 80).Select(i => (byte)i).ToArray();
        var address = MemoryMarshal.Read<WinDivertAddress>(bytes);
        Assert.AreEqual(0x07_06_05_04_03_02_01_00, address.Timestamp);
        Assert.AreEqual(8, address.Layer);
        Assert.AreEqual(9, (byte)address.Event);
        Assert.AreEqual(10, (byte)address.Flags);
        Assert.AreEqual(0x0B_0A_09_08u, address.Bits);
        Assert.AreEqual(0x13_12_11_10u, address.InterfaceIndex);
        Assert.AreEqual(0x17_16_15_14u, address.SubInterfaceIndex);
        Assert.AreEqual(0x17_16_15_14_13_12_11_10u, address.EndpointId);
        Assert.AreEqual(0x1F_1E_1D_1C_1B_1A_19_18u, address.ParentEndpointId);
        Assert.AreEqual(0x23_22_21_20u, address.ProcessId);
        Assert.AreEqual(new UInt128(0x33_32_31_30_2F_2E_2D_2C, 0x2B_2A_29_28_27_26_25_24), address.LocalAddress.Value);
        Assert.AreEqual(new UInt128(0x43_42_41_40_3F_3E_3D_3C, 0x3B_3A_39_38_37_36_35_34), address.RemoteAddress.Value);
        Assert.AreEqual(0x45_44, address.LocalPort);
        Assert.AreEqual(0x47_46, address.RemotePort);
        Assert.AreEqual(0x48, address.Protocol);
    }

    [TestMethod]
    public void EnumerationsAreAsWideAsInC()
    {
        Assert.AreEqual(4, Unsafe.SizeOf<WinDivertLayer>());
        Assert.AreEqual(4, Unsafe.SizeOf<WinDivertParameter>());
        Assert.AreEqual(4, Unsafe.SizeOf<WinDivertShutdown>());
        Assert.AreEqual(8, Unsafe.SizeOf<WinDivertOpenFlags>());
        Assert.AreEqual(1, Unsafe.SizeOf<WinDivertEvent>());
        Assert.AreEqual(1, Unsafe.SizeOf<WinDivertAddressFlags>());
    }

    /// <summary>The words of fe80::1:2:3:4 as the driver writes them, least significant first, and of 10.0.0.1 mapped.</summary>
    [TestMethod]
    [DataRow("fe80::1:2:3:4", 0x00030004u, 0x00010002u, 0u, 0xFE800000u)]
    [DataRow("10.0.0.1", 0x0A000001u, 0xFFFFu, 0u, 0u)]
    public void AnAddressIsReversedByWords(string text, uint first, uint second, uint third, uint fourth)
    {
        var address = new WinDivertIpAddress();
        (address[0], address[1], address[2], address[3]) = (first, second, third, fourth);
        var expected = PacketEndpoint.From(IPAddress.Parse(text), 0).Address;
        Assert.AreEqual(expected, address.Value);
        Assert.AreEqual(address.Value, WinDivertIpAddress.From(expected).Value);
    }
}
