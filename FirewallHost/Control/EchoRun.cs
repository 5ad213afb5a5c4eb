using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.AccessLog;
using FwRedirect.FirewallHost.Policy;

namespace FwRedirect.FirewallHost.Control;

/// <summary>The echo requests of one identifier to one destination: one decision, and one line of the access log.</summary>
internal sealed class EchoRun(AccessDecision decision, AccessEntry entry)
{
    private long _sent;
    private long _received;
    private long _bytesOut;
    private long _bytesIn;

    public AccessDecision Decision => decision;

    /// <summary>Under its session's lock.</summary>
    public long UsedAt { get; set; }

    public void Send(int bytes)
    {
        Interlocked.Increment(ref _sent);
        Interlocked.Add(ref _bytesOut, bytes);
    }

    public void Receive(int bytes)
    {
        Interlocked.Increment(ref _received);
        Interlocked.Add(ref _bytesIn, bytes);
    }

    public AccessEntry Entry() => decision.Allowed
        ? entry with { Action = "Closed", Result = $"{Interlocked.Read(ref _received)} of {Interlocked.Read(ref _sent)} answered", BytesOut = _bytesOut, BytesIn = _bytesIn }
        : entry with { Action = "Denied", Result = nameof(WinsockError.WSAEACCES) };
}
