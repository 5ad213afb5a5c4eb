using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Processes.Windows;

/// <summary>Whose a socket was when it was last used.</summary>
/// <param name="At">In <see cref="TimeProvider.GetTimestamp"/> ticks: a process that began later is another one with the same id.</param>
/// <param name="SocketId">WinDivert's EndpointId; 0 where only a table of the system told of the socket.</param>
[SupportedOSPlatform("windows")]
internal readonly record struct SocketOwner(int ProcessId, long At, ulong SocketId);
