using System.Runtime.Versioning;
using System.Security.Principal;
using FwRedirect.ControlChannel.Authentication;
using FwRedirect.Redirector.Processes.Windows.Native;
using Microsoft.Win32.SafeHandles;

namespace FwRedirect.Redirector.Processes.Windows;

/// <summary>The user of a process, and a token to act as that user: made from the process's own, so that the network sees the user's credentials.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WindowsLogon : IProcessIdentity, IDisposable
{
    private readonly SafeAccessTokenHandle _token;
    private readonly ulong _session;

    private WindowsLogon(SafeAccessTokenHandle token, ulong session, SecurityIdentifier sid, string user)
    {
        _token = token;
        _session = session;
        User = user;
        LogonKey = $"{sid.Value} {session:x}";
        IsPerson = PersonalAccounts.Includes(sid.Value);
    }

    public string User { get; }

    public string LogonKey { get; }

    public bool IsPerson { get; }

    public bool IsLoggedOn
    {
        get
        {
            var session = _session;
            void* data = null;
            var status = Secur32.GetLogonSessionData(&session, &data);
            if (data is not null)
                _ = Secur32.FreeReturnBuffer(data);
            // Any other failure tells nothing of the user.
            return status != Secur32.NoSuchLogonSession;
        }
    }

    /// <summary>Null where the process does not give its token.</summary>
    public static WindowsLogon? Open(SafeProcessHandle process)
    {
        if (!Advapi32.OpenProcessToken(process, Advapi32.TokenQuery | Advapi32.TokenDuplicate, out var own))
            return null;
        using (own)
        {
            const uint access = Advapi32.TokenQuery | Advapi32.TokenDuplicate | Advapi32.TokenImpersonate;
            if (!Advapi32.DuplicateToken(own, access, null, Advapi32.SecurityImpersonation, Advapi32.ImpersonationToken, out var token))
                return null;
            try
            {
                TokenStatistics statistics;
                uint needed;
                if (Advapi32.GetTokenInformation(token, Advapi32.StatisticsClass, &statistics, TokenStatistics.Size, &needed))
                {
                    using var identity = new WindowsIdentity(token.DangerousGetHandle());
                    return new WindowsLogon(token, statistics.LogonSession, identity.User!, NameOf(identity));
                }
            }
            catch (Exception failure) when (failure is ArgumentException or SystemException)
            {
                // The token is of no use; the process keeps its name.
            }

            token.Dispose();
            return null;
        }
    }

    public AuthenticationStep Run(Func<AuthenticationStep> leg) => WindowsIdentity.RunImpersonated(_token, leg);

    public void Dispose() => _token.Dispose();

    /// <summary>DOMAIN\name; the SID of an account that has none any more, or whose domain does not answer.</summary>
    private static string NameOf(WindowsIdentity identity)
    {
        try
        {
            return identity.Name is { Length: > 0 } name ? name : identity.User!.Value;
        }
        catch (SystemException)
        {
            return identity.User!.Value;
        }
    }
}
