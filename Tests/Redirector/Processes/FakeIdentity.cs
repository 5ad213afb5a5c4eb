using System.Text;
using FwRedirect.ControlChannel.Authentication;
using FwRedirect.Redirector.Processes;

namespace FwRedirect.Tests.Redirector.Processes;

/// <summary>
/// A user whose "credentials" are the name: each leg gives it as its token. The real package is not asked, for on Linux it
/// would take the credentials of this process.
/// </summary>
internal sealed class FakeIdentity(string user) : IProcessIdentity
{
    /// <summary>Legs after which the exchange is done.</summary>
    public const int Legs = 2;

    private readonly byte[] _token = Encoding.UTF8.GetBytes(user);
    private int _runs;

    public string LogonKey { get; init; } = user;

    public bool IsPerson { get; init; } = true;

    public bool IsLoggedOn { get; set; } = true;

    /// <summary>As after the token's end.</summary>
    public bool IsOver { get; set; }

    /// <summary>How many legs were asked for.</summary>
    public int Runs => _runs;

    public AuthenticationStep Run(Func<AuthenticationStep> leg)
    {
        ObjectDisposedException.ThrowIf(IsOver, this);
        var outcome = Interlocked.Increment(ref _runs) % Legs == 0 ? AuthenticationOutcome.Completed : AuthenticationOutcome.Continue;
        return new AuthenticationStep(outcome, _token, "", "");
    }
}
