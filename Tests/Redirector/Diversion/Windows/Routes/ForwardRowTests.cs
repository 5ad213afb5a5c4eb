using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Routes.Native;

namespace FwRedirect.Tests.Redirector.Diversion.Windows.Routes;

/// <summary>Sizes and offsets as netioapi.h and ws2ipdef.h have them on 64 bits.</summary>
[TestClass]
[SupportedOSPlatform("windows")]
public sealed class ForwardRowTests
{
    [TestMethod]
    public void SizesAreThoseOfTheSystem()
    {
        Assert.AreEqual(28, Unsafe.SizeOf<SocketAddressInet>());
        Assert.AreEqual(104, Unsafe.SizeOf<IpForwardRow>());
    }

    [TestMethod]
    [DataRow(nameof(IpForwardRow.InterfaceLuid), 0)]
    [DataRow(nameof(IpForwardRow.InterfaceIndex), 8)]
    [DataRow(nameof(IpForwardRow.Destination), 12)]
    [DataRow(nameof(IpForwardRow.PrefixLength), 40)]
    [DataRow(nameof(IpForwardRow.NextHop), 44)]
    [DataRow(nameof(IpForwardRow.SitePrefixLength), 72)]
    [DataRow(nameof(IpForwardRow.ValidLifetime), 76)]
    [DataRow(nameof(IpForwardRow.PreferredLifetime), 80)]
    [DataRow(nameof(IpForwardRow.Metric), 84)]
    [DataRow(nameof(IpForwardRow.Protocol), 88)]
    [DataRow(nameof(IpForwardRow.Loopback), 92)]
    [DataRow(nameof(IpForwardRow.Immortal), 95)]
    [DataRow(nameof(IpForwardRow.Age), 96)]
    [DataRow(nameof(IpForwardRow.Origin), 100)]
    public void AFieldStandsInItsPlace(string field, int offset) => Assert.AreEqual(offset, Marshal.OffsetOf<IpForwardRow>(field).ToInt32());

    [TestMethod]
    public void AnAddressLiesInNetworkOrder()
    {
        var v4 = SocketAddressInet.From(IPAddress.Parse("192.168.0.1"));
        Assert.AreEqual("02000000C0A800010000000000000000000000000000000000000000", Convert.ToHexString(Bytes(ref v4)));
        Assert.AreEqual(IPAddress.Parse("192.168.0.1"), v4.Address);
        var v6 = SocketAddressInet.From(IPAddress.Parse("2001:db8::1"));
        Assert.AreEqual("170000000000000020010DB800000000000000000000000100000000", Convert.ToHexString(Bytes(ref v6)));
        Assert.AreEqual(IPAddress.Parse("2001:db8::1"), v6.Address);
        Assert.IsNull(default(SocketAddressInet).Address);
    }

    private static ReadOnlySpan<byte> Bytes(ref SocketAddressInet address) => MemoryMarshal.AsBytes(new ReadOnlySpan<SocketAddressInet>(ref address));
}
