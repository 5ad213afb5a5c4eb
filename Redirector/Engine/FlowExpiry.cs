using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>When a flow has had its time.</summary>
internal static class FlowExpiry
{
    /// <summary>True where <paramref name="flow"/> is to be forgotten now.</summary>
    public static bool IsOver(Flow flow, long now)
    {
        var state = flow.State;
        return state switch
        {
            FlowState.Pending => now - flow.FirstSeen >= FlowLimits.Pending,
            FlowState.Refused or FlowState.Aborted => now >= flow.ExpiresAt,
            FlowState.Direct => now - flow.LastActive >= FlowLimits.DatagramIdle,
            FlowState.Over => now - flow.LastActive >= (flow.Protocol == IpProtocol.Tcp ? FlowLimits.Linger : FlowLimits.ShortLinger),
            _ => !flow.CarriedElsewhere && now - flow.LastActive >= FlowLifecycle.IdleLimit(flow, state),
        };
    }

    /// <summary>True where an ended flow gives its place in a full table away.</summary>
    public static bool GivesWay(Flow flow, long now) => flow.State == FlowState.Over && now - flow.LastActive >= FlowLimits.ShortLinger;

    /// <summary>How a flow ends that had not ended before its time was up.</summary>
    public static FlowEnd ReasonOf(Flow flow) => flow.State switch
    {
        FlowState.Pending => FlowEnd.Unanswered,
        FlowState.Announced => FlowEnd.Unused,
        _ => FlowEnd.Idle,
    };
}
