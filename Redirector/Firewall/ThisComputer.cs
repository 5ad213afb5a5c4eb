using System.Runtime.InteropServices;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.Redirector.Processes;

namespace FwRedirect.Redirector.Firewall;

/// <summary>What a setup request says of this computer.</summary>
internal static class ThisComputer
{
    /// <summary>The service itself, for the channel that it has on its own account.</summary>
    public static ProcessInfo Service { get; } = new(Environment.ProcessId, OperatingSystem.IsWindows() ? "fwredirect.exe" : "fwredirect", Environment.ProcessPath, Environment.UserName, null);

    public static ClientInfo Describe(string user) => new(
        user.Length == 0 ? "unknown" : user,
        Environment.MachineName,
        RuntimeInformation.OSDescription,
        (byte)(Environment.Is64BitOperatingSystem ? 64 : 32));
}
