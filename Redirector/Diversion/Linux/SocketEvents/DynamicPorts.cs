using System.Globalization;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux.SocketEvents;

/// <summary>The ports from which the kernel chooses where a program leaves it to it (ip(7), ip_local_port_range), of this process's network namespace.</summary>
[SupportedOSPlatform("linux")]
internal static class DynamicPorts
{
    /// <summary>The kernel's own default, where it does not say.</summary>
    private static readonly (int First, int Last) Default = (32_768, 60_999);

    public static (int First, int Last) Read()
    {
        try
        {
            return Parse(File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range")) ?? Default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Default;
        }
    }

    public static (int First, int Last)? Parse(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 2 && int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) && first <= last ? (first, last) : null;
    }
}
