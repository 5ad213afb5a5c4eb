using System.Net;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion.Windows.Filters;

/// <summary>Addresses from the first to the last, as the driver compares them: one line of 128-bit numbers, IPv4 in its mapped form ::ffff:a.b.c.d.</summary>
[SupportedOSPlatform("windows")]
internal readonly record struct AddressRange(UInt128 First, UInt128 Last)
{
    /// <summary>All of IPv4.</summary>
    public static readonly AddressRange IPv4 = Of(IPNetwork.Parse("0.0.0.0/0"));

    /// <summary>All of IPv6.</summary>
    public static readonly AddressRange IPv6 = new(UInt128.MinValue, UInt128.MaxValue);

    public static AddressRange Of(IPNetwork network)
    {
        var first = PacketEndpoint.From(network.BaseAddress, 0).Address;
        var free = (network.BaseAddress.GetAddressBytes().Length * 8) - network.PrefixLength;
        return new AddressRange(first, first | (free == 128 ? UInt128.MaxValue : (UInt128.One << free) - 1));
    }

    /// <summary>The same addresses in as few ranges as there can be, in order: what overlaps and what touches becomes one.</summary>
    public static IReadOnlyList<AddressRange> Merge(IEnumerable<AddressRange> ranges)
    {
        var merged = new List<AddressRange>();
        foreach (var range in ranges.OrderBy(r => r.First))
        {
            if (merged.Count > 0 && (merged[^1].Last == UInt128.MaxValue || range.First <= merged[^1].Last + 1))
                merged[^1] = merged[^1] with { Last = UInt128.Max(merged[^1].Last, range.Last) };
            else
                merged.Add(range);
        }

        return merged;
    }

    public bool Contains(AddressRange other) => First <= other.First && other.Last <= Last;
}
