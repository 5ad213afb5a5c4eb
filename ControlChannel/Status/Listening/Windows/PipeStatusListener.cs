using System.IO.Pipes;
using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace FwRedirect.ControlChannel.Status.Listening.Windows;

/// <summary>A named pipe for administrators and the system, not to be had over the network.</summary>
[SupportedOSPlatform("windows")]
internal sealed class PipeStatusListener : IStatusListener
{
    private readonly string _name;
    private NamedPipeServerStream? _next;

    private PipeStatusListener(string name, NamedPipeServerStream first)
    {
        _name = name;
        _next = first;
    }

    /// <exception cref="UnauthorizedAccessException">Another process has a pipe of this name.</exception>
    /// <exception cref="IOException">It can not be made.</exception>
    public static PipeStatusListener Open(string name) =>
        // The first instance or none: whoever made the pipe before us could make it for everybody to read.
        new(name, Create(name, PipeOptions.FirstPipeInstance));

    public async Task<Stream> AcceptAsync(CancellationToken stop)
    {
        var pipe = _next ?? Create(_name, PipeOptions.None);
        try
        {
            await pipe.WaitForConnectionAsync(stop);
            // Before this one is answered: between two there is always one to be found.
            _next = Create(_name, PipeOptions.None);
            return pipe;
        }
        catch
        {
            await pipe.DisposeAsync();
            _next = null;
            throw;
        }
    }

    public void Dispose() => _next?.Dispose();

    private static NamedPipeServerStream Create(string name, PipeOptions options)
    {
        var security = new PipeSecurity();
        foreach (var account in new[] { WellKnownSidType.LocalSystemSid, WellKnownSidType.BuiltinAdministratorsSid })
            security.AddAccessRule(new PipeAccessRule(new SecurityIdentifier(account, null), PipeAccessRights.FullControl, AccessControlType.Allow));
        // Who comes over the network carries this group beside its others, and a denial goes before.
        security.AddAccessRule(new PipeAccessRule(new SecurityIdentifier(WellKnownSidType.NetworkSid, null), PipeAccessRights.FullControl, AccessControlType.Deny));
        // The service's own account makes the further instances, also where it is neither of the two.
        using var own = WindowsIdentity.GetCurrent();
        security.AddAccessRule(new PipeAccessRule(own.User!, PipeAccessRights.FullControl, AccessControlType.Allow));
        return NamedPipeServerStreamAcl.Create(
            name, PipeDirection.InOut, NamedPipeServerStream.MaxAllowedServerInstances, PipeTransmissionMode.Byte, PipeOptions.Asynchronous | options, 0, 0, security);
    }
}
