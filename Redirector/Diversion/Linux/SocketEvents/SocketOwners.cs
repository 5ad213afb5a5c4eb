using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.SocketEvents;

/// <summary>A map in the kernel from socket cookie to the process that made the socket or, for TCP, last called connect or listen on it.</summary>
[SupportedOSPlatform("linux")]
internal sealed class SocketOwners : IDisposable
{
    /// <summary>Sockets of the whole machine; the least recently used go first. 8 + 8 bytes and the kernel's overhead each: some 6 MB.</summary>
    private const uint Entries = 65_536;

    public Descriptor Map { get; } = BpfSystem.CreateMap(BpfSystem.MapLruHash, sizeof(ulong), sizeof(ulong), Entries);

    /// <summary>The process id, or null for a socket that is older than this map.</summary>
    public int? Find(ulong cookie) => BpfSystem.TryLookUp(Map, cookie, out var value) ? (int)(value >> 32) : null;

    public void Dispose() => Map.Dispose();
}
