using FwRedirect.ControlChannel.Authentication;

namespace FwRedirect.Redirector.Processes;

/// <summary>
/// The right to log on as the user of a process. It is held by the process lookup and ends with the processes of that user; who uses it too late gets an
/// <see cref="ObjectDisposedException"/>.
/// </summary>
internal interface IProcessIdentity : IImpersonation
{
    /// <summary>Equal for all processes of one user's one logon, and for no others.</summary>
    string LogonKey { get; }

    /// <summary>True for a person's account; false for an account that only services have, which means nothing to another machine.</summary>
    bool IsPerson { get; }

    /// <summary>False once the user has logged off. Also to be asked when the identity itself is over.</summary>
    bool IsLoggedOn { get; }
}
