using System.ComponentModel;
using System.Net;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Blocking.Native;

namespace FwRedirect.Redirector.Diversion.Windows.Blocking;

/// <summary>A session with the Windows Filtering Platform. What a dynamic one has added goes when it ends.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class FilterEngine : IDisposable
{
    private const string Name = "FwRedirect";

    /// <summary>FWPM_CONDITION_IP_REMOTE_ADDRESS.</summary>
    private static readonly Guid RemoteAddress = new("b235ae9a-1d64-49b8-a44c-5ff3d9095045");

    private readonly FilterEngineHandle _handle;

    private FilterEngine(FilterEngineHandle handle) => _handle = handle;

    /// <exception cref="IOException">The platform does not answer: its service (Base Filtering Engine) is stopped, or this process has no administrator rights.</exception>
    public static FilterEngine Open(bool dynamic)
    {
        fixed (char* name = Name)
        {
            var session = new FilterSession
            {
                Display = new FilterDisplay { Name = name },
                Flags = dynamic ? FilterSession.Dynamic : 0,
            };
            Check("does not answer", FilteringPlatform.Open(null, FilteringPlatform.AuthenticationDefault, null, &session, out var handle));
            return new FilterEngine(handle);
        }
    }

    /// <summary>All that <paramref name="work"/> does, or nothing of it.</summary>
    public void InTransaction(Action work)
    {
        Check("begins no transaction", FilteringPlatform.Begin(_handle, 0));
        try
        {
            work();
            Check("does not take the changes", FilteringPlatform.Commit(_handle));
        }
        catch
        {
            _ = FilteringPlatform.Abort(_handle);
            throw;
        }
    }

    public bool HasSublayer(in Guid key)
    {
        void* found = null;
        var error = FilteringPlatform.GetSublayer(_handle, key, &found);
        if (found is not null)
            FilteringPlatform.Free(&found);
        return Has(error, FilteringPlatform.SublayerNotFound);
    }

    public bool HasFilter(in Guid key)
    {
        void* found = null;
        var error = FilteringPlatform.GetFilter(_handle, key, &found);
        if (found is not null)
            FilteringPlatform.Free(&found);
        return Has(error, FilteringPlatform.FilterNotFound);
    }

    public void AddSublayer(in Guid key, string text)
    {
        fixed (char* name = Name, description = text)
        {
            var sublayer = new FilterSublayer
            {
                Key = key,
                Display = new FilterDisplay { Name = name, Description = description },
                Flags = FilterSublayer.Persistent,
                Weight = ushort.MaxValue,
            };
            Check("does not take the sublayer", FilteringPlatform.AddSublayer(_handle, &sublayer, 0));
        }
    }

    public void DeleteSublayer(in Guid key) => Check("does not let the sublayer go", FilteringPlatform.DeleteSublayer(_handle, key));

    public void DeleteFilter(in Guid key) => _ = Has(FilteringPlatform.DeleteFilter(_handle, key), FilteringPlatform.FilterNotFound);

    /// <summary>Blocks everything, where nothing of more weight permits it; stays when this session ends.</summary>
    public void AddBlock(in Guid key, in Guid sublayer, in Guid layer) =>
        Add(Entry(key, sublayer, layer, FilterWeight.Block) with { Flags = FilterEntry.Persistent, Action = FilterEntry.Block }, []);

    /// <summary>Permits what goes to <paramref name="networks"/>, all of the layer's family; stays when this session ends.</summary>
    public void AddPermit(in Guid key, in Guid sublayer, in Guid layer, IReadOnlyList<IPNetwork> networks)
    {
        // A filter without conditions matches everything.
        ArgumentOutOfRangeException.ThrowIfZero(networks.Count);
        Add(Entry(key, sublayer, layer, FilterWeight.Local) with { Flags = FilterEntry.Persistent, Action = FilterEntry.Permit }, networks);
    }

    /// <summary>Permits everything, over the block; goes with this session.</summary>
    public void AddLift(in Guid sublayer, in Guid layer) => Add(Entry(Guid.NewGuid(), sublayer, layer, FilterWeight.Lift) with { Action = FilterEntry.Permit }, []);

    public void Dispose() => _handle.Dispose();

    private static FilterEntry Entry(in Guid key, in Guid sublayer, in Guid layer, FilterWeight weight) =>
        new() { Key = key, Sublayer = sublayer, Layer = layer, Weight = FilterValue.Of((byte)weight) };

    private void Add(FilterEntry entry, IReadOnlyList<IPNetwork> networks)
    {
        var addresses = networks.Select(FilterAddress.Of).ToArray();
        var conditions = new FilterCondition[addresses.Length];
        fixed (char* name = Name)
        fixed (FilterAddress* address = addresses)
        fixed (FilterCondition* condition = conditions)
        {
            // Conditions on the same field: one of them is enough.
            for (var i = 0; i < conditions.Length; i++)
                condition[i] = new FilterCondition { Field = RemoteAddress, Match = FilterCondition.Equal, Value = FilterValue.Of(&address[i], networks[i]) };
            entry.Display.Name = name;
            entry.Conditions = condition;
            entry.ConditionCount = (uint)conditions.Length;
            Check("does not take the filter", FilteringPlatform.AddFilter(_handle, &entry, 0, null));
        }
    }

    private static bool Has(uint error, uint notFound)
    {
        if (error == notFound)
            return false;
        Check("does not answer", error);
        return true;
    }

    private static void Check(string failure, uint error)
    {
        if (error != 0)
            throw new IOException($"the Windows Filtering Platform {failure}: {new Win32Exception((int)error).Message} (error 0x{error:x})");
    }
}
