using FwRedirect.FirewallHost.AccessLog;
using FwRedirect.FirewallHost.Relay;

namespace FwRedirect.FirewallHost.Control;

/// <summary>A relay's result as the access log tells it.</summary>
internal static class RelayedEntry
{
    public static AccessEntry Ended(this AccessEntry entry, RelayResult result) => entry with
    {
        Action = "Closed",
        Result = $"{result.End}/{result.EndedBy}",
        BytesOut = result.BytesOut,
        BytesIn = result.BytesIn,
    };
}
