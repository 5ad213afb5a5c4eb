using System.Net;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>The two ends of a conversation, the same whichever way a packet goes.</summary>
internal sealed record EndpointPair
{
    public EndpointPair(IPEndPoint one, IPEndPoint other) => (Low, High) = Compare(one, other) <= 0 ? (one, other) : (other, one);

    public IPEndPoint Low { get; }

    public IPEndPoint High { get; }

    private static int Compare(IPEndPoint one, IPEndPoint other)
    {
        var byPort = one.Port.CompareTo(other.Port);
        return byPort != 0 ? byPort : one.Address.GetAddressBytes().AsSpan().SequenceCompareTo(other.Address.GetAddressBytes());
    }
}
