using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Native;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>The driver by way of its DLL. The DLL installs and starts the driver when the first handle is opened, and removes it after the last.</summary>
[SupportedOSPlatform("windows")]
internal sealed class WinDivertDriver : IWinDivertDriver
{
    private WinDivertDriver()
    {
    }

    /// <param name="folder">The program's own; see <see cref="WinDivertFiles.Verify(string, IReadOnlyList{string})"/>, which comes first.</param>
    /// <exception cref="IOException">The DLL could not be loaded.</exception>
    public static WinDivertDriver Load(string folder)
    {
        var path = Path.Combine(Path.GetFullPath(folder), WinDivertFiles.Dll);
        try
        {
            WinDivertNative.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new IOException($"{path} can not be loaded; it must be the DLL for x64 and readable for this user: {e.Message}", e);
        }

        return new WinDivertDriver();
    }

    public IWinDivertHandle Open(string filter, WinDivertLayer layer, short priority, WinDivertOpenFlags flags)
    {
        var handle = WinDivertNative.Open(filter, layer, priority, flags);
        if (!handle.IsInvalid)
            return new OpenWinDivertHandle(handle);
        var code = Marshal.GetLastPInvokeError();
        handle.Dispose();
        var wrong = code == WinDivertNative.InvalidParameter ? CheckFilter(filter, layer) : null;
        throw new WinDivertException(code, wrong is null ? $"WinDivert could not be opened for {layer}" : $"the filter for {layer} is wrong, {wrong}, in \"{filter}\"");
    }

    /// <summary>What is wrong with a filter and where; null where it is good. Asks the DLL only, no driver is needed.</summary>
    public static unsafe string? CheckFilter(string filter, WinDivertLayer layer) =>
        WinDivertNative.CompileFilter(filter, layer, null, 0, out var error, out var position)
            ? null
            : $"{Marshal.PtrToStringUTF8((nint)error)} at character {position + 1}";
}
