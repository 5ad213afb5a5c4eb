using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Blocking.Native;

/// <summary>FWPM_FILTER0 (fwpmtypes.h), 200 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
[SupportedOSPlatform("windows")]
internal unsafe struct FilterEntry
{
    /// <summary>FWPM_FILTER_FLAG_PERSISTENT.</summary>
    public const uint Persistent = 1;

    /// <summary>FWP_ACTION_BLOCK.</summary>
    public const uint Block = 0x1001;

    /// <summary>FWP_ACTION_PERMIT.</summary>
    public const uint Permit = 0x1002;

    public Guid Key;
    public FilterDisplay Display;
    public uint Flags;
    public Guid* Provider;
    public uint ProviderDataLength;
    public byte* ProviderData;
    public Guid Layer;
    public Guid Sublayer;
    public FilterValue Weight;
    public uint ConditionCount;
    public FilterCondition* Conditions;

    /// <summary>One of the two above; the action's GUID, which only callouts have, follows it.</summary>
    public uint Action;
    public Guid Callout;

    /// <summary>A union with a 64-bit number, and aligned like one.</summary>
    public ulong ContextLow;
    public ulong ContextHigh;
    public Guid* Reserved;
    public ulong Id;
    public FilterValue EffectiveWeight;
}
