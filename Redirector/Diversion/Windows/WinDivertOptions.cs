using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>
/// How much may wait in the driver for one handle. It drops what comes on top, oldest first, without a word and without a counter, so these are its largest;
/// with its own 4 MiB, full frames at 1 Gbit/s fill the queue in 34 ms. The memory is the kernel's and is not paged.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed record WinDivertOptions
{
    /// <summary>Packets.</summary>
    public int QueueLength { get; init; } = 16_384;

    /// <summary>Its default. Less costs throughput: a reader that is late once loses packets.</summary>
    public TimeSpan QueueTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes.</summary>
    public int QueueSize { get; init; } = 32 << 20;

    /// <summary>Socket events that may wait for their reader in this process: minutes of a busy desktop, 800 KB.</summary>
    public int WaitingEvents { get; init; } = 8192;
}
