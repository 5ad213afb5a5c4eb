namespace FwRedirect.Redirector.Installation;

/// <summary>The keeper of services of one system. Nothing here waits: <see cref="Start"/> and <see cref="Stop"/> ask, and <see cref="Read"/> tells what came of it.</summary>
/// <remarks>All but <see cref="Read"/> throw <see cref="ServiceControlException"/> when refused.</remarks>
internal interface IServiceControl
{
    ServiceReport Read();

    /// <summary>Creates the service, or brings it to the definition where it is there already.</summary>
    void Install(ServiceDefinition service);

    void Uninstall();

    void Start();

    void Stop();
}
