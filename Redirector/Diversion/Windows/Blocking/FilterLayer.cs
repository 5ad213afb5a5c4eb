using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Blocking;

/// <summary>Where the platform asks whether a program may connect, or send to a new peer (fwpmu.h).</summary>
[SupportedOSPlatform("windows")]
internal static class FilterLayer
{
    /// <summary>FWPM_LAYER_ALE_AUTH_CONNECT_V4.</summary>
    public static readonly Guid ConnectV4 = new("c38d57d1-05a7-4c33-904f-7fbceee60e82");

    /// <summary>FWPM_LAYER_ALE_AUTH_CONNECT_V6.</summary>
    public static readonly Guid ConnectV6 = new("4a72393b-319f-44bc-84c3-ba54dcb3b6b4");
}
