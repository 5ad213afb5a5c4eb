using System.Runtime.CompilerServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Native;

/// <summary>UINT32[4] of the SOCKET layer: host order, least significant word first; IPv4 as ::ffff:a.b.c.d.</summary>
[InlineArray(4)]
[SupportedOSPlatform("windows")]
internal struct WinDivertIpAddress
{
    private uint _word;

    public readonly UInt128 Value => new(((ulong)this[3] << 32) | this[2], ((ulong)this[1] << 32) | this[0]);

    public static WinDivertIpAddress From(UInt128 value)
    {
        var address = new WinDivertIpAddress();
        for (var i = 0; i < 4; i++)
            address[i] = (uint)(value >> (32 * i));
        return address;
    }
}
