using System.Net;
using System.Net.Security;

namespace FwRedirect.ControlChannel.Authentication;

/// <summary>
/// One side of an authentication by the platform's own packages. <see cref="NegotiateAuthentication"/> blocks (a Kerberos leg may ask a KDC) and can throw from
/// its native half, so each leg runs on a pool thread and comes back as a value.
/// </summary>
public sealed class AuthenticationExchange : IDisposable
{
    private readonly NegotiateAuthentication _authentication;
    private readonly bool _isServer;

    private AuthenticationExchange(NegotiateAuthentication authentication, bool isServer)
    {
        _authentication = authentication;
        _isServer = isServer;
    }

    /// <param name="package">"NTLM", "Kerberos" or "Negotiate".</param>
    /// <param name="credential">Null: the credentials of the process (or of the user that it impersonates).</param>
    /// <param name="firewall">The firewall's name; the service is HOST on it.</param>
    public static AuthenticationExchange ForClient(string package, NetworkCredential? credential, string firewall) => new(
        new NegotiateAuthentication(new NegotiateAuthenticationClientOptions
        {
            Package = package,
            Credential = credential ?? CredentialCache.DefaultNetworkCredentials,
            TargetName = $"HOST/{firewall}",
            RequiredProtectionLevel = ProtectionLevel.Sign,
        }),
        isServer: false);

    public static AuthenticationExchange ForServer(string package) => new(
        new NegotiateAuthentication(new NegotiateAuthenticationServerOptions { Package = package, RequiredProtectionLevel = ProtectionLevel.Sign }),
        isServer: true);

    /// <summary>Takes the peer's token (empty at the client's start) and gives the answer. Never throws but for cancellation.</summary>
    public Task<AuthenticationStep> NextAsync(ReadOnlyMemory<byte> incoming, CancellationToken cancellationToken) =>
        Task.Run(() => Next(incoming.Span), cancellationToken);

    public void Dispose() => _authentication.Dispose();

    private AuthenticationStep Next(ReadOnlySpan<byte> incoming)
    {
        try
        {
            var token = _authentication.GetOutgoingBlob(incoming, out var status);
            return status switch
            {
                NegotiateAuthenticationStatusCode.ContinueNeeded => new(AuthenticationOutcome.Continue, token, "", ""),
                NegotiateAuthenticationStatusCode.Completed => new(AuthenticationOutcome.Completed, token, _isServer ? UserName() : "", ""),
                _ => new(AuthenticationOutcome.Failed, default, "", status.ToString()),
            };
        }
        catch (Exception failure)
        {
            // What a peer sent reached a native library; whatever it makes of it ends this session only.
            return new(AuthenticationOutcome.Failed, default, "", failure.Message);
        }
    }

    private string UserName() => _authentication.RemoteIdentity.Name ?? "";
}
