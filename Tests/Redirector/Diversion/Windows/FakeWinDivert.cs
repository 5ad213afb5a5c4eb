using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows;
using FwRedirect.Redirector.Diversion.Windows.Native;

namespace FwRedirect.Tests.Redirector.Diversion.Windows;

/// <summary>A driver in memory: packets and events that the test lets arrive, what was sent, and refusals by code. Runs on every system.</summary>
[SupportedOSPlatform("windows")]
internal sealed class FakeWinDivert : IWinDivertDriver
{
    private readonly Queue<int> _refusals = new();

    /// <summary>Every handle that was opened, in order.</summary>
    public List<FakeWinDivertHandle> Handles { get; } = [];

    /// <summary>Opens, shutdowns and closes of all handles, in order.</summary>
    public List<string> Log { get; } = [];

    /// <summary>Parameters that the driver does not take.</summary>
    public int? SetError { get; set; }

    /// <summary>What the next opens end in, one each.</summary>
    public void Refuse(params int[] codes)
    {
        foreach (var code in codes)
            _refusals.Enqueue(code);
    }

    public IWinDivertHandle Open(string filter, WinDivertLayer layer, short priority, WinDivertOpenFlags flags)
    {
        if (_refusals.TryDequeue(out var code))
            throw new WinDivertException(code, "WinDivert could not be opened");
        var handle = new FakeWinDivertHandle(this, filter, layer, priority, flags);
        Handles.Add(handle);
        Note($"open {filter}");
        return handle;
    }

    public void Note(string what)
    {
        lock (Log) Log.Add(what);
    }
}
