using SharpPcap;
using SharpPcap.LibPcap;

namespace FwRedirect.Diagnostics.Capture;

/// <summary>Finds and opens an interface of this machine (or network namespace), and turns libpcap's ways to fail into sentences.</summary>
internal static class CaptureInterfaces
{
    /// <exception cref="CaptureException">With a sentence that says what to do.</exception>
    public static LibPcapLiveDevice Open(string name, int snapLength, int kernelBuffer, int pollMilliseconds, string? filter)
    {
        try
        {
            return OpenDevice(name, snapLength, kernelBuffer, pollMilliseconds, filter);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            throw new CaptureException(OperatingSystem.IsWindows()
                ? "Capturing needs Npcap: install it from npcap.com."
                : "Capturing needs libpcap: install the package libpcap0.8 (apt-get install libpcap0.8).", e);
        }
    }

    private static LibPcapLiveDevice OpenDevice(string name, int snapLength, int kernelBuffer, int pollMilliseconds, string? filter)
    {
        // libpcap lists interfaces only to those who may capture on them.
        if (OperatingSystem.IsLinux() && !Environment.IsPrivilegedProcess && LibPcapLiveDeviceList.New().All(d => d.Name != name))
            throw new CaptureException("Capturing needs root (or the capabilities CAP_NET_RAW and CAP_NET_ADMIN): run it with sudo.");
        var devices = LibPcapLiveDeviceList.New();
        var device = devices.FirstOrDefault(d => d.Name == name || d.Interface?.FriendlyName == name)
            ?? throw new CaptureException($"There is no interface {name} to capture on. There are: {string.Join(", ", devices.Select(Display))}.");
        try
        {
            device.Open(new DeviceConfiguration
            {
                Mode = DeviceModes.None,
                Snaplen = snapLength,
                ReadTimeout = pollMilliseconds,
                Immediate = true,
                BufferSize = kernelBuffer,
            });
            if (filter is not null)
                device.Filter = filter;
            return device;
        }
        catch (PcapException e)
        {
            var what = device.Opened ? $"The filter '{filter}' is not understood" : $"Interface {name} can not be captured on";
            device.Dispose();
            throw new CaptureException($"{what}: {e.Message}", e);
        }
    }

    private static string Display(LibPcapLiveDevice device) => device.Interface?.FriendlyName is { Length: > 0 } friendly ? friendly : device.Name;
}
