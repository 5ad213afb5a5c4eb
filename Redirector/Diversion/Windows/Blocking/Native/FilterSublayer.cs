using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Blocking.Native;

/// <summary>FWPM_SUBLAYER0 (fwpmtypes.h), 72 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
[SupportedOSPlatform("windows")]
internal unsafe struct FilterSublayer
{
    /// <summary>FWPM_SUBLAYER_FLAG_PERSISTENT.</summary>
    public const uint Persistent = 1;

    public Guid Key;
    public FilterDisplay Display;
    public uint Flags;
    public Guid* Provider;
    public uint ProviderDataLength;
    public byte* ProviderData;
    public ushort Weight;
}
