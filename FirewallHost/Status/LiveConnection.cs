using FwRedirect.FirewallHost.AccessLog;
using FwRedirect.FirewallHost.Relay;

namespace FwRedirect.FirewallHost.Status;

/// <summary>A TCP connection from its request, or its arrival outside, to its line in the access log. Disposing says that it is over.</summary>
internal sealed class LiveConnection(AccessEntry entry, Action<LiveConnection> ended) : IDisposable
{
    private volatile AccessEntry _entry = entry;
    private volatile SocketRelay? _relay;

    /// <summary>What is known of it by now.</summary>
    public AccessEntry Entry
    {
        get => _entry;
        set => _entry = value;
    }

    /// <summary>Null while it is being made.</summary>
    public SocketRelay? Relay
    {
        get => _relay;
        set => _relay = value;
    }

    public void Dispose() => ended(this);
}
