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
    /// A new connection to the same firewall, for a session whose connection is lost. Null: the session is not resumed, and ends with its connection. A refusal
    /// (<see cref="System.Net.Sockets.SocketError.ConnectionRefused"/>) ends it too: the firewall is no more; other failures are tried again until the firewall's grace time is over.
    /// </summary>
    public Func<CancellationToken, Task<Stream>>? Reconnect { get; init; }

    /// <summary>A number that the client's service takes at random when it starts: the firewall ends what other runs of it have lost.</summary>
    public uint Run { get; init; }

    /// <summary>The firewall ends every earlier session of this program, user and computer before it grants this one.</summary>
    public bool KillOldSession { get; init; }

    /// <summary>The longest silence of this side, where it is to be shorter than the firewall says.</summary>
    public TimeSpan? KeepAlive { get; init; }

    /// <summary>A request has had no word from the firewall for a moment: time to look whether it is there. Must not block.</summary>
    public Action? Suspect { get; init; }

    /// <summary>The firewall lives: it has answered the set-up request, or a keep-alive. Must not block.</summary>
    public Action? Heard { get; init; }

    /// <summary>The session goes on over a new connection. Must not block.</summary>
    public Action? Resumed { get; init; }

    /// <summary>
    /// The service principal that a Kerberos ticket is asked for, such as HOST/fw.example.com; null: HOST on the name that the firewall gives itself. Better
    /// set: who pretends to be the firewall may give any name.
    /// </summary>
    public string? TargetName { get; init; }
}
