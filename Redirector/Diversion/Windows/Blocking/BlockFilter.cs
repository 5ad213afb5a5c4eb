using System.Net;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Blocking;

/// <summary>
/// Fail-closed while the service does not run ("WhenNotRunning": "Block"): persistent filters of the Windows Filtering Platform, in a sublayer of our own, that
/// refuse every connect to what is not local. While the service runs, filters of a dynamic session permit in the same sublayer and win by their weight; they
/// vanish with the process that made them, however it ends, and the block stands again.
/// </summary>
[SupportedOSPlatform("windows")]
internal static class BlockFilter
{
    // Fixed, so that every version finds what an earlier one has left.
    private static readonly Guid Sublayer = new("ab7a5d29-6f7e-4f0c-9c61-0a5e6b1f4657");
    private static readonly Guid BlockV4 = new("3a3a8d55-0f5f-4c3f-8d8e-6a1b2c014657");
    private static readonly Guid BlockV6 = new("3a3a8d55-0f5f-4c3f-8d8e-6a1b2c024657");
    private static readonly Guid LocalV4 = new("3a3a8d55-0f5f-4c3f-8d8e-6a1b2c034657");
    private static readonly Guid LocalV6 = new("3a3a8d55-0f5f-4c3f-8d8e-6a1b2c044657");

    /// <summary>Sets the block up, or gives one that stands the local networks of now; there is no moment without it in between.</summary>
    /// <exception cref="IOException">The platform refused; nothing is changed then.</exception>
    public static void Install(IEnumerable<IPNetwork> local)
    {
        var permitted = PermittedDestinations.Of(local);
        using var engine = FilterEngine.Open(dynamic: false);
        engine.InTransaction(() =>
        {
            DeleteFilters(engine);
            if (!engine.HasSublayer(Sublayer))
                engine.AddSublayer(Sublayer, "FwRedirect: while the service does not run");
            engine.AddBlock(BlockV4, Sublayer, FilterLayer.ConnectV4);
            engine.AddBlock(BlockV6, Sublayer, FilterLayer.ConnectV6);
            engine.AddPermit(LocalV4, Sublayer, FilterLayer.ConnectV4, permitted.IPv4);
            engine.AddPermit(LocalV6, Sublayer, FilterLayer.ConnectV6, permitted.IPv6);
        });
    }

    /// <summary>Takes the block away; false where there is none.</summary>
    /// <exception cref="IOException">The platform refused, or a service runs that has lifted the block.</exception>
    public static bool Remove()
    {
        using var engine = FilterEngine.Open(dynamic: false);
        if (!engine.HasSublayer(Sublayer))
            return false;
        engine.InTransaction(() =>
        {
            DeleteFilters(engine);
            engine.DeleteSublayer(Sublayer);
        });
        return true;
    }

    /// <exception cref="IOException">The platform does not answer.</exception>
    public static bool Exists()
    {
        using var engine = FilterEngine.Open(dynamic: false);
        return engine.HasFilter(BlockV4);
    }

    /// <summary>Permits everything until the result is disposed of or this process ends. The block has to be installed.</summary>
    /// <exception cref="IOException">The platform refused.</exception>
    public static IDisposable Lift()
    {
        var engine = FilterEngine.Open(dynamic: true);
        try
        {
            engine.InTransaction(() =>
            {
                engine.AddLift(Sublayer, FilterLayer.ConnectV4);
                engine.AddLift(Sublayer, FilterLayer.ConnectV6);
            });
            return engine;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    private static void DeleteFilters(FilterEngine engine)
    {
        foreach (var filter in new[] { BlockV4, BlockV6, LocalV4, LocalV6 })
            engine.DeleteFilter(filter);
    }
}
