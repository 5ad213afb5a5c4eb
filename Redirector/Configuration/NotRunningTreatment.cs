namespace FwRedirect.Redirector.Configuration;

/// <summary>WhenNotRunning: what becomes of a program's new connections while the service does not run, or was killed.</summary>
internal enum NotRunningTreatment
{
    /// <summary>They go their way as if there were no redirector.</summary>
    Direct,

    /// <summary>They fail at once.</summary>
    Block,
}
