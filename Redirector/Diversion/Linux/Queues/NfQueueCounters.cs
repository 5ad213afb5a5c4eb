using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux.Queues;

/// <summary>What went wrong without ending anything. All counts only grow.</summary>
[SupportedOSPlatform("linux")]
internal sealed class NfQueueCounters
{
    private long _overruns;
    private long _refusedVerdicts;
    private long _unreadable;
    private long _failedInjections;

    /// <summary>Times that the kernel found our receive buffer full and lost packets (ENOBUFS).</summary>
    public long Overruns => Interlocked.Read(ref _overruns);

    /// <summary>Verdicts that the kernel did not take, most of them for packets that were gone.</summary>
    public long RefusedVerdicts => Interlocked.Read(ref _refusedVerdicts);

    /// <summary>Packets dropped because they came without their whole payload.</summary>
    public long Unreadable => Interlocked.Read(ref _unreadable);

    /// <summary>Packets of our own that the system did not take.</summary>
    public long FailedInjections => Interlocked.Read(ref _failedInjections);

    public void Overrun() => Interlocked.Increment(ref _overruns);

    public void RefusedVerdict() => Interlocked.Increment(ref _refusedVerdicts);

    public void UnreadablePacket() => Interlocked.Increment(ref _unreadable);

    public void FailedInjection() => Interlocked.Increment(ref _failedInjections);
}
