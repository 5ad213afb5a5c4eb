using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Processes.Windows;

/// <summary>
/// Flow to process by the socket events: the event is there, or is waited for a moment; else the system's tables are asked; else it is
/// <see cref="ProcessInfo.Unknown"/>. A process is opened at the first event that names it, since it may live for milliseconds.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed class WindowsProcessLookup : IProcessLookup
{
    private static readonly ProcessInfo System = new(ObservedSockets.SystemProcess, "System", null, @"NT AUTHORITY\SYSTEM", null);

    private readonly TimeProvider _time;
    private readonly IWindowsProcesses _source;
    private readonly ISocketTables _tables;
    private readonly ITimer _sweeps;
    private readonly Lock _gate = new();
    private readonly ObservedSockets _sockets;
    private readonly Dictionary<int, ObservedProcess> _processes = [];
    private readonly Dictionary<(byte Protocol, PacketEndpoint Local, PacketEndpoint Remote), TaskCompletionSource> _waiting = [];

    public WindowsProcessLookup(TimeProvider time, IWindowsProcesses processes, ISocketTables tables)
    {
        _time = time;
        _source = processes;
        _tables = tables;
        _sockets = new ObservedSockets(time);
        _sweeps = time.CreateTimer(_ => Sweep(), null, ProcessLookupLimits.Sweep, ProcessLookupLimits.Sweep);
    }

    public async ValueTask<ProcessInfo?> FindAsync(byte protocol, PacketEndpoint local, PacketEndpoint remote)
    {
        // ping.exe lets the system send (IcmpSendEcho): there is no socket, and no event tells whose it is.
        if (protocol == IpProtocol.Icmp)
            return null;
        if (FindNow(protocol, local, remote) is { } known)
            return Describe(known);
        // SYN and event come by two queues of the driver, in no promised order.
        await WaitAsync(protocol, local, remote);
        if (FindNow(protocol, local, remote) is { } late)
            return Describe(late);
        return Describe(FindSocket(protocol, local) ?? FindInTables(protocol, local, remote) ?? FindClosed(protocol, local, remote));
    }

    public ProcessInfo? Find(int processId) => processId switch
    {
        0 => null,
        ObservedSockets.SystemProcess => System,
        _ => Get(processId, isNew: false).Info,
    };

    public void Observe(in SocketEvent socketEvent)
    {
        ObservedProcess? process = null;
        lock (_gate)
        {
            _sockets.Take(socketEvent);
            if (socketEvent.Kind == SocketEventKind.Connect && _waiting.Remove((socketEvent.Protocol, socketEvent.Local, socketEvent.Remote), out var waiting))
                waiting.TrySetResult();
            if (socketEvent.Kind is SocketEventKind.Connect or SocketEventKind.Listen && socketEvent.ProcessId is not (0 or ObservedSockets.SystemProcess))
                process = Get(socketEvent.ProcessId, isNew: true);
        }

        // Reads the process, and its user's name from the domain perhaps: not for a thread that packets wait for.
        if (process is not null)
            ThreadPool.UnsafeQueueUserWorkItem(static p => _ = p.Info, process, preferLocal: false);
    }

    public void Dispose()
    {
        _sweeps.Dispose();
        lock (_gate)
        {
            foreach (var process in _processes.Values)
                process.Dispose();
            foreach (var waiting in _waiting.Values)
                waiting.TrySetResult();
        }
    }

    /// <summary>What need not be waited for. A UDP port is that of the socket that has it; on a TCP port the next connection may be another socket's.</summary>
    private SocketOwner? FindNow(byte protocol, PacketEndpoint local, PacketEndpoint remote)
    {
        lock (_gate)
        {
            return _sockets.FindConnection(protocol, local, remote)
                ?? (protocol == IpProtocol.Udp ? _sockets.FindSocket(protocol, local) : null);
        }
    }

    private SocketOwner? FindSocket(byte protocol, PacketEndpoint local)
    {
        lock (_gate)
            return _sockets.FindSocket(protocol, local);
    }

    private SocketOwner? FindClosed(byte protocol, PacketEndpoint local, PacketEndpoint remote)
    {
        lock (_gate)
            return _sockets.FindClosed(protocol, local, remote);
    }

    private SocketOwner? FindInTables(byte protocol, PacketEndpoint local, PacketEndpoint remote)
    {
        var before = _time.GetTimestamp();
        var id = _tables.FindOwner(protocol, local, remote);
        lock (_gate)
        {
            if (id != 0)
                _sockets.TakeFromTable(protocol, local, remote, id, before);
            return _sockets.FindConnection(protocol, local, remote) ?? _sockets.FindSocket(protocol, local);
        }
    }

    private async Task WaitAsync(byte protocol, PacketEndpoint local, PacketEndpoint remote)
    {
        TaskCompletionSource waiting;
        lock (_gate)
        {
            if (_sockets.FindConnection(protocol, local, remote) is not null)
                return;
            if (!_waiting.TryGetValue((protocol, local, remote), out waiting!))
                _waiting[(protocol, local, remote)] = waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        await waiting.Task.WaitAsync(ProcessLookupLimits.EventWait, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
            _waiting.Remove((protocol, local, remote));
    }

    private ProcessInfo Describe(SocketOwner? owner)
    {
        if (owner is not { ProcessId: not 0 } known)
            return ProcessInfo.Unknown;
        if (known.ProcessId == ObservedSockets.SystemProcess)
            return System with { SocketId = known.SocketId };
        var process = Get(known.ProcessId, isNew: false);
        // The id is another's by now: whose the flow is, nobody can tell any more.
        return (process.BeganAfter(known.At) ? ProcessInfo.Unknown : process.Info) with { SocketId = known.SocketId };
    }

    /// <param name="isNew">It did something just now: if the one that we know under this id is gone, it is another.</param>
    private ObservedProcess Get(int id, bool isNew)
    {
        lock (_gate)
        {
            if (_processes.TryGetValue(id, out var process) && !(isNew && process.IsReleased))
            {
                process.UsedAt = _time.GetTimestamp();
                return process;
            }

            process = new ObservedProcess(id, _source, _time);
            _processes[id] = process;
            if (_processes.Count > ProcessLookupLimits.Processes)
                Evict();
            return process;
        }
    }

    private void Evict()
    {
        foreach (var (id, process) in _processes.OrderBy(p => p.Value.UsedAt).Take(_processes.Count / ProcessLookupLimits.EvictedPart).ToArray())
        {
            _processes.Remove(id);
            // Waits where the process is being opened, which whoever holds the gate must not.
            ThreadPool.UnsafeQueueUserWorkItem(static p => p.Dispose(), process, preferLocal: false);
        }
    }

    private void Sweep()
    {
        lock (_gate)
        {
            _sockets.Sweep();
            foreach (var (id, process) in _processes)
            {
                process.Sweep();
                if (process.IsOver)
                    _processes.Remove(id);
            }
        }
    }
}
