namespace FwRedirect.ControlChannel.Status;

/// <summary>A service that tells how it is. Asked seldom, from any thread.</summary>
internal interface IStatusSource
{
    ServiceStatus Status();

    /// <summary>Read while it is written out, so that a hundred thousand flows need no list of their own.</summary>
    IEnumerable<FlowStatus> Flows();
}
