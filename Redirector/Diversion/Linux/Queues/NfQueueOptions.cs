using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux.Queues;

/// <summary>Numbers that an administrator may have to change because another program uses them; all are per network namespace.</summary>
[SupportedOSPlatform("linux")]
internal sealed record NfQueueOptions
{
    /// <summary>Queue of what programs send. The default spells "FW".</summary>
    public ushort OutboundQueue { get; init; } = 0x4657;

    /// <summary>Queue of what comes from the firewall.</summary>
    public ushort InboundQueue { get; init; } = 0x4658;

    /// <summary>The bit of the firewall mark that says "seen by us". One bit, so that the other 31 stay with whoever uses them.</summary>
    public uint MarkBit { get; init; } = 0x1000;

    /// <summary>Packets that may wait in one queue, held ones included: WinDivert's default. The kernel drops what comes on top.</summary>
    public uint QueueLength { get; init; } = 4096;

    /// <summary>Kernel buffer between a queue and us, bytes. Too small shows as ENOBUFS after some 200 packets.</summary>
    public int ReceiveBuffer { get; init; } = 64 << 20;

    /// <summary>Must hold one packed send of a whole batch of largest packets.</summary>
    public int SendBuffer { get; init; } = 16 << 20;
}
