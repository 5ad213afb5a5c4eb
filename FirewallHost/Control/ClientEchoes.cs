using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Sockets.Echo;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Control;

/// <summary>
/// The echo requests of one session: quota, policy, then one like it outside. For traceroute the firewall is a hop like any other: it answers a request that has one hop
/// left itself, and takes one from all that pass.
/// </summary>
internal sealed partial class ClientEchoes(SessionContext session) : IEchoOwner, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(ushort Identifier, IPAddress Destination), EchoRun> _runs = [];
    private readonly Firewall _firewall = session.Firewall;
    private readonly ILogger _logger = session.Firewall.SessionLogger;
    private ITimer? _sweep;
    private bool _ended;

    public void Ask(EchoRequest request)
    {
        var client = session.Identity.RemoteEndPoint?.Address ?? IPAddress.None;
        if (!_firewall.EchoQuota.TryTake(client, request.Data.Length))
            return;
        if (RunOf(request, client) is not { } run)
            return;
        if (!run.Decision.Allowed)
        {
            Tell(request, IcmpReport.Denied(session.Inside), run.Decision.Sentence);
        }
        else if (session.OfOtherVersion(request.Destination) is { } other)
        {
            Tell(request, IcmpReport.NoRoute(session.Inside), other.Message);
        }
        else if (request.TimeToLive <= 1)
        {
            Tell(request, IcmpReport.HopsExceeded(session.Inside), "");
        }
        else
        {
            run.Send(request.Data.Length);
            _firewall.Echoes.TrySend(this, request, (byte)(request.TimeToLive - 1));
        }
    }

    /// <summary>The access log gets what is not in it yet.</summary>
    public void Dispose()
    {
        EchoRun[] runs;
        lock (_lock)
        {
            _ended = true;
            runs = [.. _runs.Values];
            _runs.Clear();
            _sweep?.Dispose();
        }

        foreach (var run in runs)
            _firewall.AccessLog.Write(run.Entry());
    }

    void IEchoOwner.Replied(EchoRequest request, byte timeToLive, ReadOnlySpan<byte> data)
    {
        if (data.Length > RwsLimits.EchoData)
            return;
        Find(request)?.Receive(data.Length);
        session.Send(new EchoReply(request.Destination, (byte)Math.Max(timeToLive - 1, 1), request.Identifier, request.Sequence, data.ToArray()) { Id = request.Id });
    }

    void IEchoOwner.Failed(EchoRequest request, in IcmpReport report) => Tell(request, report, "");

    private void Tell(EchoRequest request, in IcmpReport report, string sentence) => session.Send(
        new EchoError(report.Reporter, report.Type, report.Code, report.Info, request.Destination, request.Identifier, request.Sequence, sentence) { Id = request.Id });

    private EchoRun? Find(EchoRequest request)
    {
        lock (_lock)
            return _runs.GetValueOrDefault((request.Identifier, request.Destination));
    }

    /// <summary>Decided once for each run: rules do not change while the firewall runs. Null once the session has ended.</summary>
    private EchoRun? RunOf(EchoRequest request, IPAddress client)
    {
        EchoRun? oldest = null;
        EchoRun run;
        var now = _firewall.Time.Milliseconds();
        lock (_lock)
        {
            if (_ended)
                return null;
            if (_runs.TryGetValue((request.Identifier, request.Destination), out var known))
            {
                known.UsedAt = now;
                return known;
            }

            if (_runs.Count >= Limits.EchoRunsPerSession)
            {
                (var key, oldest) = _runs.MinBy(r => r.Value.UsedAt);
                _runs.Remove(key);
            }

            run = NewRun(request, client, now);
            _runs.Add((request.Identifier, request.Destination), run);
            _sweep ??= _firewall.Time.CreateTimer(_ => Sweep(), null, Limits.UdpSweep, Limits.UdpSweep);
        }

        if (oldest is not null)
            _firewall.AccessLog.Write(oldest.Entry());
        LogRun(session.Name, request.Id, request.Destination, run.Decision.Sentence);
        return run;
    }

    private EchoRun NewRun(EchoRequest request, IPAddress client, long now)
    {
        var decision = _firewall.Policy.Ping(session.Identity.User, session.Identity.Application, request.Destination, request.DestinationName);
        // The log has ports where ICMP has an identifier.
        var entry = session.NewEntry(_firewall.NextConnection(), inbound: false, new IPEndPoint(client, request.Identifier)) with
        {
            Protocol = "ICMP",
            Remote = new IPEndPoint(request.Destination, 0),
            RemoteName = _firewall.Policy.Believed(request.Destination, request.DestinationName),
            Outside = decision.Allowed && session.External is { } external ? new IPEndPoint(external, 0) : null,
            Rule = decision.Rule,
        };
        return new EchoRun(decision, entry) { UsedAt = now };
    }

    private void Sweep()
    {
        var over = new List<EchoRun>();
        lock (_lock)
        {
            var before = _firewall.Time.Milliseconds() - (long)Limits.EchoLifetime.TotalMilliseconds;
            foreach (var (key, run) in _runs)
            {
                if (run.UsedAt <= before && _runs.Remove(key))
                    over.Add(run);
            }
        }

        foreach (var run in over)
            _firewall.AccessLog.Write(run.Entry());
    }

    [LoggerMessage(550, LogLevel.Information, "{Session} {Id}: ping of {Destination} {Decision}")]
    private partial void LogRun(string session, ObjectId id, IPAddress destination, string decision);
}
