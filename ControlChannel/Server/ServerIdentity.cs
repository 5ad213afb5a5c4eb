using System.Net;
using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.ControlChannel.Server;

/// <summary>Who is at the other end of a channel.</summary>
/// <param name="User">The authenticated account, such as CONTOSO\alice; empty where none was asked for.</param>
/// <param name="Application">The program, as the client says.</param>
/// <param name="Client">User, computer and system, as the client says: a claim.</param>
public sealed record ServerIdentity(string User, string Application, ClientInfo Client, IPEndPoint? RemoteEndPoint)
{
    internal bool IsOfAddress(ServerIdentity other) => Equals(RemoteEndPoint?.Address, other.RemoteEndPoint?.Address);

    /// <summary>Who may take the other's session up: as far as one can tell, the same program of the same user on the same computer.</summary>
    internal bool IsSame(ServerIdentity other) => IsOfAddress(other) && User == other.User && Application == other.Application && Client == other.Client;
}
