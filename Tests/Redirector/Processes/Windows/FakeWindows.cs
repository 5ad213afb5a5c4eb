using System.Collections.Concurrent;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes.Windows;

namespace FwRedirect.Tests.Redirector.Processes.Windows;

/// <summary>The processes and socket tables of a Windows machine, as a test wants them.</summary>
[SupportedOSPlatform("windows")]
internal sealed class FakeWindows : IWindowsProcesses, ISocketTables
{
    public ConcurrentDictionary<int, FakeProcess> Running { get; } = new();

    /// <summary>How often each id was opened.</summary>
    public ConcurrentDictionary<int, int> Opened { get; } = new();

    /// <summary>What the tables tell.</summary>
    public ConcurrentDictionary<(byte Protocol, PacketEndpoint Local), int> Table { get; } = new();

    public int TableReads { get; private set; }

    /// <summary>Happens while a table is read.</summary>
    public Action? WhileReading { get; set; }

    public IWindowsProcess? Open(int id)
    {
        Opened.AddOrUpdate(id, 1, (_, count) => count + 1);
        return Running.TryGetValue(id, out var process) && !process.HasExited ? process : null;
    }

    public int FindOwner(byte protocol, PacketEndpoint local, PacketEndpoint remote)
    {
        TableReads++;
        var owner = Table.GetValueOrDefault((protocol, local));
        WhileReading?.Invoke();
        return owner;
    }
}
