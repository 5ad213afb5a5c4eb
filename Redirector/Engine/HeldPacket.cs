using FwRedirect.Redirector.Diversion;

namespace FwRedirect.Redirector.Engine;

/// <summary>A copy of a packet that the diverter holds, and the address that releases it.</summary>
internal sealed class HeldPacket(byte[] bytes, DivertAddress address)
{
    public byte[] Bytes { get; } = bytes;

    public DivertAddress Address { get; } = address;
}
