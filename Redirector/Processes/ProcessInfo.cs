namespace FwRedirect.Redirector.Processes;

/// <summary>Who is behind a flow, as it was when the flow began.</summary>
/// <param name="Id">Process id; 0 where it is not known.</param>
/// <param name="Name">File name of the program ("ftp", on Windows "ftp.exe"), as application rules name it; empty where only the user is known.</param>
/// <param name="Path">Full path of the program; null where the system does not show it.</param>
/// <param name="User">User name (Windows: DOMAIN\name), or the number where it has no name.</param>
/// <param name="Uid">Linux: the user's number; null on Windows.</param>
internal sealed record ProcessInfo(int Id, string Name, string? Path, string User, uint? Uid)
{
    /// <summary>What stands for a name, of a program or a user, that could not be learnt: rules and logs of the firewall can name it.</summary>
    public const string UnknownName = "unknown";

    /// <summary>Nobody could tell whose the flow is.</summary>
    public static ProcessInfo Unknown { get; } = new(0, UnknownName, null, UnknownName, null);

    /// <summary>The socket that was asked about, as <see cref="Diversion.SocketEvent.SocketId"/> names it; 0 where that is not known, or a process was asked about.</summary>
    public ulong SocketId { get; init; }

    /// <summary>Windows: the user's own credentials, to log on to the firewall with; null on Linux, and where they can not be had.</summary>
    public IProcessIdentity? Identity { get; init; }
}
