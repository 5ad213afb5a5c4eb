using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.Versioning;
using FwRedirect.ControlChannel.Status;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion.Linux.Recovery;

/// <summary>
/// The redirected flows of this run in a small mapped file that outlives a killed process, for <see cref="NetworkRecovery"/> to end them. Written when a flow
/// is decided and when it ends, never for a packet. Layout: 32 bytes "FWRJ", version, slot size, slots, run; then slots of 48 bytes: used, protocol, ports, addresses.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class FlowJournal : IFlowJournal, ICounted
{
    /// <summary>As many flows as one client address has ports; 3 MB of a file with holes, pages are taken as they are used.</summary>
    public const int Slots = 65_536;

    private const int SlotSize = 48;
    private const int HeaderSize = 32;
    private const uint Magic = 0x46_57_52_4A;
    private const uint Version = 1;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _memory;
    private readonly Stack<int> _free = new();
    private readonly Lock _gate = new();
    private int _next;
    private bool _disposed;

    /// <summary>Begins an empty journal, only for its owner to read.</summary>
    public FlowJournal(string path)
    {
        FilePath = path;
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        File.Delete(path);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        var stream = new FileStream(path, options);
        _file = MemoryMappedFile.CreateFromFile(stream, null, HeaderSize + (Slots * SlotSize), MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor();
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _memory);
        var header = new Span<byte>(_memory, HeaderSize);
        BinaryPrimitives.WriteUInt32BigEndian(header, Magic);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], Version);
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], SlotSize);
        BinaryPrimitives.WriteUInt32BigEndian(header[12..], Slots);
        RunId.TryWriteBytes(header[16..]);
    }

    public string FilePath { get; }

    /// <summary>Tells this run's journal from that of the next one at the same path.</summary>
    public Guid RunId { get; } = Guid.NewGuid();

    /// <summary>The run that wrote the journal at a path; null where there is none.</summary>
    public static Guid? ReadRunId(string path)
    {
        if (!File.Exists(path)) return null;
        using var file = File.OpenRead(path);
        Span<byte> header = stackalloc byte[HeaderSize];
        return file.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) == HeaderSize && BinaryPrimitives.ReadUInt32BigEndian(header) == Magic
            ? new Guid(header[16..])
            : null;
    }

    /// <summary>/run/fwredirect/INODE.flows, where INODE names the network namespace of the calling thread.</summary>
    public static string DefaultPath()
    {
        var name = File.ResolveLinkTarget("/proc/thread-self/ns/net", returnFinalTarget: false)?.Name ?? "net";
        return $"/run/fwredirect/{new string([.. name.Where(char.IsAsciiDigit)])}.flows";
    }

    public int Add(byte protocol, PacketEndpoint local, PacketEndpoint remote)
    {
        lock (_gate)
        {
            if (_disposed || (_free.Count == 0 && _next == Slots)) return -1;
            var slot = _free.TryPop(out var free) ? free : _next++;
            var bytes = Slot(slot);
            bytes[1] = protocol;
            BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], local.Port);
            BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], remote.Port);
            BinaryPrimitives.WriteUInt128BigEndian(bytes[8..], local.Address);
            BinaryPrimitives.WriteUInt128BigEndian(bytes[24..], remote.Address);
            // The used byte last: a reader after a kill must never find half a flow.
            Volatile.Write(ref bytes[0], 1);
            return slot;
        }
    }

    public void Remove(int slot)
    {
        if (slot < 0) return;
        lock (_gate)
        {
            if (_disposed) return;
            Volatile.Write(ref Slot(slot)[0], 0);
            _free.Push(slot);
        }
    }

    public void Count(StatusCounters counters)
    {
        lock (_gate) counters.Add("journal", "slotsUsed", _next - _free.Count);
        counters.Add("journal", "slots", Slots);
    }

    /// <summary>The flows in a journal that another process wrote. Damage ends the list, never the reader.</summary>
    public static List<JournaledFlow> ReadAll(string path)
    {
        var flows = new List<JournaledFlow>();
        ReadOnlySpan<byte> file = File.ReadAllBytes(path);
        if (file.Length < HeaderSize || BinaryPrimitives.ReadUInt32BigEndian(file) != Magic) return flows;
        if (BinaryPrimitives.ReadUInt32BigEndian(file[4..]) != Version || BinaryPrimitives.ReadUInt32BigEndian(file[8..]) != SlotSize) return flows;
        for (var rest = file[HeaderSize..]; rest.Length >= SlotSize; rest = rest[SlotSize..])
        {
            if (rest[0] != 1) continue;
            var local = new PacketEndpoint(BinaryPrimitives.ReadUInt128BigEndian(rest[8..]), BinaryPrimitives.ReadUInt16BigEndian(rest[4..]));
            var remote = new PacketEndpoint(BinaryPrimitives.ReadUInt128BigEndian(rest[24..]), BinaryPrimitives.ReadUInt16BigEndian(rest[6..]));
            flows.Add(new JournaledFlow(rest[1], local, remote));
        }

        return flows;
    }

    /// <summary>The run ends in order: the journal goes.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }

        File.Delete(FilePath);
    }

    private Span<byte> Slot(int slot) => new(_memory + HeaderSize + (slot * SlotSize), SlotSize);
}
