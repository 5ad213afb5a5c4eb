using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Blocking;

/// <summary>Of the filters of our sublayer that match, the heaviest decides; the platform takes 0 to 15.</summary>
[SupportedOSPlatform("windows")]
internal enum FilterWeight : byte
{
    /// <summary>All that nothing else speaks of.</summary>
    Block = 0,

    /// <summary>What is local.</summary>
    Local = 7,

    /// <summary>Everything, while the service runs.</summary>
    Lift = 15,
}
