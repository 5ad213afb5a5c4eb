using System.Net;
using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.ControlChannel.Server;

/// <summary>Who is at the other end of a channel.</summary>
/// <param name="User">The authenticated account, such as CONTOSO\alice; empty where none was asked for.</param>
/// <param name="Application">The program, as the client says.</param>
/// <param name="Client">User, computer and system, as the client says: a claim.</param>
public sealed record ServerIdentity(string User, string Application, ClientInfo Client, IPEndPoint? RemoteEndPoint);
