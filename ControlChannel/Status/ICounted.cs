namespace FwRedirect.ControlChannel.Status;

/// <summary>A part of a service that has something to count. Asked seldom, from any thread.</summary>
internal interface ICounted
{
    void Count(StatusCounters counters);
}
