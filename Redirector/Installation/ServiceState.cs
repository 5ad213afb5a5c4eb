namespace FwRedirect.Redirector.Installation;

internal enum ServiceState
{
    NotInstalled,
    Stopped,
    Starting,
    Running,
    Stopping,
}
