namespace FwRedirect.ControlChannel.Authentication;

/// <summary>
/// Lets a client log on as another user of this computer with that user's own credentials, which nobody sees. Only the legs of the authentication run in it; the
/// channel's reading and writing do not.
/// </summary>
public interface IImpersonation
{
    /// <summary>Runs one leg as that user, on the calling thread, and returns when it is done.</summary>
    AuthenticationStep Run(Func<AuthenticationStep> leg);
}
