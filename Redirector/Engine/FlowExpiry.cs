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
            FlowState.Over => now - flow.LastActive >= FlowLimits.Linger,
            _ => !flow.CarriedElsewhere && now - flow.LastActive >= FlowLifecycle.IdleLimit(flow, state),
        };
    }

    /// <summary>How a flow ends that had not ended before its time was up.</summary>
    public static FlowEnd ReasonOf(Flow flow) => flow.State switch
    {
        FlowState.Pending => FlowEnd.Unanswered,
        FlowState.Announced => FlowEnd.Unused,
        _ => FlowEnd.Idle,
    };
}
