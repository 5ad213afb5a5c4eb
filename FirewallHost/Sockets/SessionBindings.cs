using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.FirewallHost.Filters.Ftp;

namespace FwRedirect.FirewallHost.Sockets;

/// <summary>The bound sockets of one session.</summary>
internal sealed class SessionBindings(TimeProvider time) : IOutsideEndpoints
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectId, Binding> _bindings = [];
    private readonly BindingSignal _signal = new(time);

    public int Count
    {
        get
        {
            lock (_lock)
                return _bindings.Count;
        }
    }

    public Binding[] All()
    {
        lock (_lock)
            return [.. _bindings.Values];
    }

    public bool TryAdd(Binding binding)
    {
        lock (_lock)
            return _bindings.TryAdd(binding.Id, binding);
    }

    public Binding? Find(ObjectId id)
    {
        lock (_lock)
            return _bindings.GetValueOrDefault(id);
    }

    public Binding? Remove(ObjectId id)
    {
        lock (_lock)
            return _bindings.Remove(id, out var binding) ? binding : null;
    }

    public Binding[] RemoveAll()
    {
        lock (_lock)
        {
            Binding[] all = [.. _bindings.Values];
            _bindings.Clear();
            return all;
        }
    }

    /// <summary>A binding listens now: whoever waits for one looks again.</summary>
    public void Changed() => _signal.Raise();

    public bool AnyListening()
    {
        lock (_lock)
            return _bindings.Values.Any(binding => binding.IsListening);
    }

    public bool IsListening(IPEndPoint outside)
    {
        lock (_lock)
            return _bindings.Values.Any(binding => binding.IsListening && binding.Outside.Equals(outside));
    }

    /// <summary>True where an outside connection stands in a listening socket and has not been accepted.</summary>
    public bool AnyWaiting()
    {
        lock (_lock)
            return _bindings.Values.Any(binding => binding.HasWaiting);
    }

    public ValueTask<IPEndPoint?> FindListeningAsync(IPEndPoint client, CancellationToken stop) => _signal.FindAsync(() => FindListening(client), stop);

    /// <summary>The program's own endpoint as it is bound now, listening or not.</summary>
    public Binding? FindBound(IPEndPoint client)
    {
        lock (_lock)
            return _bindings.Values.FirstOrDefault(binding => binding.Client.Equals(client));
    }

    /// <summary>The outside endpoint that listens for the program's own socket now.</summary>
    public IPEndPoint? FindListening(IPEndPoint client)
    {
        lock (_lock)
            return _bindings.Values.FirstOrDefault(binding => binding.IsListening && binding.Client.Equals(client))?.Outside;
    }
}
