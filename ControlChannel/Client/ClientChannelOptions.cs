using System.Net;
using FwRedirect.ControlChannel.Authentication;
using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.ControlChannel.Client;

/// <summary>What a client's channel says of itself.</summary>
public sealed record ClientChannelOptions
{
    /// <summary>The program's file name.</summary>
    public required string Application { get; init; }

    public required ClientInfo Client { get; init; }

    /// <summary>Authentication packages, best first; the first that the firewall takes too is used.</summary>
    public IReadOnlyList<string> Packages { get; init; } = ["Negotiate", "Kerberos", "NTLM"];

    /// <summary>Null: the credentials of <see cref="Impersonation"/>'s user, else those of the process.</summary>
    public NetworkCredential? Credential { get; init; }

    /// <summary>The user of this computer as whom each leg of the authentication runs; null: the process's own account.</summary>
    public IImpersonation? Impersonation { get; init; }

    /// <summary>
    /// The service principal that a Kerberos ticket is asked for, such as HOST/fw.example.com; null: HOST on the name that the firewall gives itself. Better
    /// set: who pretends to be the firewall may give any name.
    /// </summary>
    public string? TargetName { get; init; }
}
