namespace FwRedirect.ControlChannel.Session;

/// <summary>The one clock of sessions, flows and names: milliseconds that only grow, whatever is done to the time of day.</summary>
internal static class SteadyClock
{
    public static long Milliseconds(this TimeProvider time) => time.GetTimestamp() / (time.TimestampFrequency / 1000);
}
