using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Native;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>
/// One open WinDivert handle. <see cref="Receive"/> is called by one thread, the rest by any. Closing it lets everything that waits go on as it came.
/// </summary>
[SupportedOSPlatform("windows")]
internal interface IWinDivertHandle : IDisposable
{
    /// <summary>
    /// Blocks until there is something, then takes what there is: packets back to back in <paramref name="packets"/> (empty at the SOCKET layer), and one address for each.
    /// False with the system's error code: 232 after <see cref="Shutdown"/> once all is read, 122 where a packet was too long and is lost.
    /// </summary>
    bool Receive(Span<byte> packets, Span<WinDivertAddress> addresses, out int length, out int count, out int error);

    /// <summary>Sends packets that lie back to back, one address for each; false with the system's error code.</summary>
    bool Send(ReadOnlySpan<byte> packets, ReadOnlySpan<WinDivertAddress> addresses, out int error);

    /// <exception cref="WinDivertException">The driver does not take it.</exception>
    void Set(WinDivertParameter parameter, ulong value);

    /// <exception cref="WinDivertException">The driver does not answer.</exception>
    ulong Get(WinDivertParameter parameter);

    /// <summary>Ends one direction or both; does nothing where the handle is closed.</summary>
    void Shutdown(WinDivertShutdown how);
}
