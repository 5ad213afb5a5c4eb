using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Native;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>Opens a handle ready for use: its queue as large as the driver allows, and a driver that is just stopping waited for.</summary>
[SupportedOSPlatform("windows")]
internal static class WinDivertOpening
{
    /// <summary>A driver that stops is gone after 150 to 300 ms; the next open starts it anew.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Two seconds in all: what takes longer does not end by itself.</summary>
    private const int MostTries = 10;

    /// <exception cref="WinDivertException">The driver refuses, or did not get ready.</exception>
    public static IWinDivertHandle Open(
        IWinDivertDriver driver, string filter, WinDivertLayer layer, short priority, WinDivertOpenFlags flags, WinDivertOptions options, TimeProvider time)
    {
        var handle = OpenPatiently(driver, filter, layer, priority, flags, time);
        try
        {
            handle.Set(WinDivertParameter.QueueLength, (ulong)options.QueueLength);
            handle.Set(WinDivertParameter.QueueTime, (ulong)options.QueueTime.TotalMilliseconds);
            handle.Set(WinDivertParameter.QueueSize, (ulong)options.QueueSize);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static IWinDivertHandle OpenPatiently(
        IWinDivertDriver driver, string filter, WinDivertLayer layer, short priority, WinDivertOpenFlags flags, TimeProvider time)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return driver.Open(filter, layer, priority, flags);
            }
            catch (WinDivertException failure) when (failure.Code == WinDivertNative.NoSuchDevice && tries < MostTries)
            {
                using var passed = new ManualResetEventSlim();
                using var timer = time.CreateTimer(state => ((ManualResetEventSlim)state!).Set(), passed, Pause, Timeout.InfiniteTimeSpan);
                passed.Wait();
            }
        }
    }
}
