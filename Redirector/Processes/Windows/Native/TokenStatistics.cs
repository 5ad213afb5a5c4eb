using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Processes.Windows.Native;

/// <summary>TOKEN_STATISTICS (winnt.h); a LUID is two 4-byte words, the lower first.</summary>
[SupportedOSPlatform("windows")]
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct TokenStatistics
{
    public const int Size = 56;

    [FieldOffset(0)] public ulong TokenId;

    /// <summary>AuthenticationId: the LUID of the logon session.</summary>
    [FieldOffset(8)] public ulong LogonSession;

    [FieldOffset(16)] public long ExpirationTime;
    [FieldOffset(24)] public int TokenType;
    [FieldOffset(28)] public int ImpersonationLevel;
    [FieldOffset(32)] public uint DynamicCharged;
    [FieldOffset(36)] public uint DynamicAvailable;
    [FieldOffset(40)] public uint GroupCount;
    [FieldOffset(44)] public uint PrivilegeCount;
    [FieldOffset(48)] public ulong ModifiedId;
}
