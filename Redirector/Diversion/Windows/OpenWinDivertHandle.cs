using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Native;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>A handle of the real driver.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class OpenWinDivertHandle(WinDivertHandle handle) : IWinDivertHandle
{
    public bool Receive(Span<byte> packets, Span<WinDivertAddress> addresses, out int length, out int count, out int error)
    {
        uint received = 0;
        var addressLength = (uint)(Math.Min(addresses.Length, WinDivertNative.LargestBatch) * sizeof(WinDivertAddress));
        error = 0;
        try
        {
            fixed (byte* buffer = packets)
            fixed (WinDivertAddress* first = addresses)
            {
                if (!WinDivertNative.Receive(handle, buffer, (uint)packets.Length, &received, 0, first, &addressLength, 0))
                    error = Marshal.GetLastPInvokeError();
            }
        }
        catch (ObjectDisposedException)
        {
            error = WinDivertNative.InvalidHandle;
        }

        (length, count) = error == 0 ? ((int)received, (int)addressLength / sizeof(WinDivertAddress)) : (0, 0);
        return error == 0;
    }

    public bool Send(ReadOnlySpan<byte> packets, ReadOnlySpan<WinDivertAddress> addresses, out int error)
    {
        error = 0;
        try
        {
            fixed (byte* buffer = packets)
            fixed (WinDivertAddress* first = addresses)
            {
                if (!WinDivertNative.Send(handle, buffer, (uint)packets.Length, null, 0, first, (uint)(addresses.Length * sizeof(WinDivertAddress)), 0))
                    error = Marshal.GetLastPInvokeError();
            }
        }
        catch (ObjectDisposedException)
        {
            error = WinDivertNative.InvalidHandle;
        }

        return error == 0;
    }

    public void Set(WinDivertParameter parameter, ulong value)
    {
        if (!WinDivertNative.SetParameter(handle, parameter, value))
            throw new WinDivertException(Marshal.GetLastPInvokeError(), $"{parameter} could not be set to {value}");
    }

    public ulong Get(WinDivertParameter parameter) => WinDivertNative.GetParameter(handle, parameter, out var value)
        ? value
        : throw new WinDivertException(Marshal.GetLastPInvokeError(), $"{parameter} could not be read");

    public void Shutdown(WinDivertShutdown how)
    {
        try
        {
            // It can fail only where it is shut down already.
            WinDivertNative.Shutdown(handle, how);
        }
        catch (ObjectDisposedException)
        {
        }
    }

    /// <summary>Shut down first: a call that blocks would keep the handle open.</summary>
    public void Dispose()
    {
        Shutdown(WinDivertShutdown.Both);
        handle.Dispose();
    }
}
