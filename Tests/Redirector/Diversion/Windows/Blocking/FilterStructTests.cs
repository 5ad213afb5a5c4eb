using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Blocking.Native;

namespace FwRedirect.Tests.Redirector.Diversion.Windows.Blocking;

/// <summary>Sizes and offsets as fwpmtypes.h and fwptypes.h have them on 64 bits (printed there by a C compiler).</summary>
[TestClass]
[SupportedOSPlatform("windows")]
public sealed class FilterStructTests
{
    [TestMethod]
    public void SizesAreThoseOfTheSystem()
    {
        Assert.AreEqual(72, Unsafe.SizeOf<FilterSession>());
        Assert.AreEqual(72, Unsafe.SizeOf<FilterSublayer>());
        Assert.AreEqual(200, Unsafe.SizeOf<FilterEntry>());
        Assert.AreEqual(40, Unsafe.SizeOf<FilterCondition>());
        Assert.AreEqual(16, Unsafe.SizeOf<FilterValue>());
    }

    [TestMethod]
    [DataRow(typeof(FilterSession), nameof(FilterSession.Flags), 32)]
    [DataRow(typeof(FilterSession), nameof(FilterSession.Sid), 48)]
    [DataRow(typeof(FilterSession), nameof(FilterSession.KernelMode), 64)]
    [DataRow(typeof(FilterSublayer), nameof(FilterSublayer.Flags), 32)]
    [DataRow(typeof(FilterSublayer), nameof(FilterSublayer.Provider), 40)]
    [DataRow(typeof(FilterSublayer), nameof(FilterSublayer.Weight), 64)]
    [DataRow(typeof(FilterEntry), nameof(FilterEntry.Flags), 32)]
    [DataRow(typeof(FilterEntry), nameof(FilterEntry.Layer), 64)]
    [DataRow(typeof(FilterEntry), nameof(FilterEntry.Sublayer), 80)]
    [DataRow(typeof(FilterEntry), nameof(FilterEntry.Weight), 96)]
    [DataRow(typeof(FilterEntry), nameof(FilterEntry.ConditionCount), 112)]
    [DataRow(typeof(FilterEntry), nameof(FilterEntry.Conditions), 120)]
    [DataRow(typeof(FilterEntry), nameof(FilterEntry.Action), 128)]
    [DataRow(typeof(FilterEntry), nameof(FilterEntry.ContextLow), 152)]
    [DataRow(typeof(FilterEntry), nameof(FilterEntry.Id), 176)]
    [DataRow(typeof(FilterEntry), nameof(FilterEntry.EffectiveWeight), 184)]
    [DataRow(typeof(FilterCondition), nameof(FilterCondition.Match), 16)]
    [DataRow(typeof(FilterCondition), nameof(FilterCondition.Value), 24)]
    [DataRow(typeof(FilterValue), nameof(FilterValue.Pointer), 8)]
    [DataRow(typeof(FilterAddress), nameof(FilterAddress.V4Mask), 4)]
    [DataRow(typeof(FilterAddress), nameof(FilterAddress.V6PrefixLength), 16)]
    public void AFieldStandsInItsPlace(Type type, string field, int offset) => Assert.AreEqual(offset, Marshal.OffsetOf(type, field).ToInt32());

    [TestMethod]
    public unsafe void ANetworkIsAddressAndMask()
    {
        var v4 = FilterAddress.Of(IPNetwork.Parse("192.168.16.0/20"));
        Assert.AreEqual((0xC0A81000u, 0xFFFFF000u), (v4.V4, v4.V4Mask));
        Assert.AreEqual(0u, FilterAddress.Of(IPNetwork.Parse("0.0.0.0/0")).V4Mask);
        var v6 = FilterAddress.Of(IPNetwork.Parse("2001:db8::/32"));
        Assert.AreEqual("20010DB8000000000000000000000000", Convert.ToHexString(new ReadOnlySpan<byte>(v6.V6, 16)));
        Assert.AreEqual(32, v6.V6PrefixLength);
        Assert.AreEqual(FilterValue.V4AddressMask, FilterValue.Of(&v4, IPNetwork.Parse("192.168.16.0/20")).Type);
        Assert.AreEqual(FilterValue.V6AddressMask, FilterValue.Of(&v6, IPNetwork.Parse("2001:db8::/32")).Type);
    }
}
