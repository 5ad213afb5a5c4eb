using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.SocketEvents;

/// <summary>
/// A map in the kernel from socket cookie to the process that made the socket or, for TCP, last called connect or listen on it; with its user and name as they were when the socket
/// was made, since a process may live for less than it takes to look.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class SocketOwners : IDisposable
{
    /// <summary>Sockets of the whole machine; the least recently used go first. 8 + 32 bytes and the kernel's overhead each: some 8 MB.</summary>
    private const uint Entries = 65_536;

    public Descriptor Map { get; } = BpfSystem.CreateMap(BpfSystem.MapLruHash, sizeof(ulong), SocketOwnerRecord.Size, Entries);

    /// <summary>The process id, or null for a socket that is older than this map.</summary>
    public int? Find(ulong cookie) => FindRecord(cookie)?.ProcessId;

    /// <summary>The same with all that was noted.</summary>
    public SocketOwnerRecord? FindRecord(ulong cookie) => BpfSystem.TryLookUp<SocketOwnerRecord>(Map, cookie, out var value) ? value : null;

    public void Dispose() => Map.Dispose();
}
