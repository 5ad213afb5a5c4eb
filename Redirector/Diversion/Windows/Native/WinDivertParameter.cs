using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Native;

/// <summary>WINDIVERT_PARAM: what a handle can be told and asked.</summary>
[SupportedOSPlatform("windows")]
internal enum WinDivertParameter
{
    /// <summary>Packets that may wait, 32 to 16,384.</summary>
    QueueLength = 0,

    /// <summary>Milliseconds that a packet may wait, 100 to 16,000; older ones are dropped without a word.</summary>
    QueueTime = 1,

    /// <summary>Bytes that may wait, 65,535 to 33,554,432.</summary>
    QueueSize = 2,

    VersionMajor = 3,

    VersionMinor = 4,
}
