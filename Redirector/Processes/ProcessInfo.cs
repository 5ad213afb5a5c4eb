namespace FwRedirect.Redirector.Processes;

/// <summary>Who is behind a flow, as it was when the flow began.</summary>
/// <param name="Id">Process id; 0 where only the user is known.</param>
/// <param name="Name">File name of the program ("ftp"), as application rules name it; empty where not known.</param>
/// <param name="Path">Full path of the program; null where the system does not show it.</param>
/// <param name="User">User name, or the number where it has no name.</param>
/// <param name="Uid">Linux: the user's number; null on Windows.</param>
internal sealed record ProcessInfo(int Id, string Name, string? Path, string User, uint? Uid);
