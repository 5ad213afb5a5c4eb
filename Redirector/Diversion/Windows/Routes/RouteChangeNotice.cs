using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Routes.Native;

namespace FwRedirect.Redirector.Diversion.Windows.Routes;

/// <summary>Tells when a route comes, changes or goes. Every address brings routes with it, so this tells of new networks too.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class RouteChangeNotice : IDisposable
{
    private GCHandle _changed;
    private nint _notice;

    private RouteChangeNotice(Action changed)
    {
        _changed = GCHandle.Alloc(changed);
        try
        {
            ForwardTable.Check("changes of the routes are not told", IpHelper.NotifyRouteChange(
                SocketAddressInet.FamilyUnspecified, &Changed, (void*)GCHandle.ToIntPtr(_changed), initial: 0, out _notice));
        }
        catch
        {
            _changed.Free();
            throw;
        }
    }

    /// <exception cref="IOException">The system does not tell.</exception>
    public static IDisposable Subscribe(Action changed) => new RouteChangeNotice(changed);

    public void Dispose()
    {
        if (_notice == 0)
            return;
        // Returns when no call is under way any more.
        _ = IpHelper.CancelNotice(_notice);
        _notice = 0;
        _changed.Free();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvStdcall)])]
    private static void Changed(void* context, IpForwardRow* row, int kind) => ((Action)GCHandle.FromIntPtr((nint)context).Target!)();
}
