namespace FwRedirect.Redirector.Installation;

/// <summary>Exit codes of the service's verbs. Those of "status" are the ones that init scripts and systemctl have, so that scripts can ask either.</summary>
internal enum ServiceExitCode
{
    Done = 0,
    Failed = 1,
    NotRunning = 3,
    NotInstalled = 4,
}
