using System.Net;
using System.Net.Security;

namespace FwRedirect.ControlChannel.Authentication;

/// <summary>
/// One side of an authentication by the platform's own packages. <see cref="NegotiateAuthentication"/> blocks and can throw from its native half, so each leg runs on a thread
/// of its own and comes back as a value. Not on one of the pool: a client's Kerberos looks for its servers by DNS queries that this very process has to answer
/// (a redirector sees its own), and as few as two of them would leave the pool no thread to do so.
/// </summary>
public sealed class AuthenticationExchange : IDisposable
{
    private readonly Func<NegotiateAuthentication> _create;
    private readonly bool _isServer;
    private readonly IImpersonation? _impersonation;
    private NegotiateAuthentication? _authentication;

    internal AuthenticationExchange(Func<NegotiateAuthentication> create, bool isServer, IImpersonation? impersonation)
    {
        _create = create;
        _isServer = isServer;
        _impersonation = impersonation;
    }

    /// <param name="package">"NTLM", "Kerberos" or "Negotiate".</param>
    /// <param name="credential">Null: the credentials of the process, or of the user of <paramref name="impersonation"/>.</param>
    /// <param name="targetName">The service principal that the firewall has to prove to be, such as HOST/fw.example.com; NTLM does not look at it.</param>
    /// <param name="impersonation">The user whose credentials are to be taken; null: the process's own.</param>
    public static AuthenticationExchange ForClient(string package, NetworkCredential? credential, string targetName, IImpersonation? impersonation) => new(
        () => new NegotiateAuthentication(new NegotiateAuthenticationClientOptions
        {
            Package = package,
            Credential = credential ?? CredentialCache.DefaultNetworkCredentials,
            TargetName = targetName,
            RequiredProtectionLevel = ProtectionLevel.Sign,
        }),
        isServer: false,
        impersonation);

    public static AuthenticationExchange ForServer(string package) => new(
        () => new NegotiateAuthentication(new NegotiateAuthenticationServerOptions { Package = package, RequiredProtectionLevel = ProtectionLevel.Sign }),
        isServer: true,
        impersonation: null);

    /// <summary>Takes the peer's token (empty at the client's start) and gives the answer. Never throws but for cancellation.</summary>
    public Task<AuthenticationStep> NextAsync(ReadOnlyMemory<byte> incoming, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(() => Next(incoming), cancellationToken, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    public void Dispose() => _authentication?.Dispose();

    private AuthenticationStep Next(ReadOnlyMemory<byte> incoming)
    {
        try
        {
            return _impersonation is null ? Next(incoming.Span) : _impersonation.Run(() => Next(incoming.Span));
        }
        catch (Exception failure)
        {
            // What a peer sent reached a native library; whatever it makes of it ends this session only.
            return new(AuthenticationOutcome.Failed, default, "", failure.Message);
        }
    }

    private AuthenticationStep Next(ReadOnlySpan<byte> incoming)
    {
        // Not before: on Windows the credentials are those of the thread that makes it.
        _authentication ??= _create();
        var token = _authentication.GetOutgoingBlob(incoming, out var status);
        return status switch
        {
            NegotiateAuthenticationStatusCode.ContinueNeeded => new(AuthenticationOutcome.Continue, token, "", ""),
            NegotiateAuthenticationStatusCode.Completed => new(AuthenticationOutcome.Completed, token, _isServer ? UserName() : "", ""),
            _ => new(AuthenticationOutcome.Failed, default, "", status.ToString()),
        };
    }

    private string UserName() => _authentication!.RemoteIdentity.Name ?? "";
}
