namespace FwRedirect.ControlChannel.Authentication;

/// <summary>The answer of an authentication package to one token.</summary>
/// <param name="Token">To be sent to the peer; empty where there is nothing to send.</param>
/// <param name="User">Server, completed: the account, such as CONTOSO\alice.</param>
/// <param name="Failure">Failed: the platform's word for why.</param>
public sealed record AuthenticationStep(AuthenticationOutcome Outcome, ReadOnlyMemory<byte> Token, string User, string Failure);
