using System.Runtime.InteropServices;
using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.Redirector.Firewall;

/// <summary>What a setup request says of this computer.</summary>
internal static class ThisComputer
{
    public static ClientInfo Describe(string user) => new(
        user.Length == 0 ? "unknown" : user,
        Environment.MachineName,
        RuntimeInformation.OSDescription,
        (byte)(Environment.Is64BitOperatingSystem ? 64 : 32));
}
