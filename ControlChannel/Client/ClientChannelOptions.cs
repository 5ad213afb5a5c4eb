using System.Net;
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

    /// <summary>Null: the credentials of the process.</summary>
    public NetworkCredential? Credential { get; init; }
}
