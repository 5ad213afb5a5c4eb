using System.Collections.Concurrent;
using System.Net;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Status;
using FwRedirect.FirewallHost.Filters.Ftp;
using FwRedirect.FirewallHost.Sockets;
using FwRedirect.FirewallHost.Sockets.Udp;
using FwRedirect.FirewallHost.Status;

namespace FwRedirect.FirewallHost.Control;

/// <summary>The sessions that have not ended, for whoever asks what they hold.</summary>
internal sealed class OpenSessions(TimeProvider time) : IHeldObjects, IOutsideEndpoints
{
    private readonly ConcurrentDictionary<SessionContext, bool> _sessions = new();
    private readonly BindingSignal _signal = new(time);
    private long _everOpened;
    private long _everListening;

    public void Add(SessionContext session)
    {
        Interlocked.Increment(ref _everOpened);
        _sessions.TryAdd(session, true);
    }

    public void Remove(SessionContext session) => _sessions.TryRemove(session, out _);

    /// <summary>A binding of some session listens now.</summary>
    public void Changed()
    {
        Interlocked.Increment(ref _everListening);
        _signal.Raise();
    }

    /// <summary>
    /// Of whatever session: a server's parts run as several users (vsftpd's do), each with a session of its own. The endpoint is known by the client's address, which a session has
    /// shown to be its own.
    /// </summary>
    public ValueTask<IPEndPoint?> FindListeningAsync(IPEndPoint client, CancellationToken stop) => _signal.FindAsync(
        () => _sessions.Keys.Select(session => session.Bindings.FindListening(client)).FirstOrDefault(outside => outside is not null), stop);

    /// <summary>A program of some session listens there, outside.</summary>
    public bool IsListening(IPEndPoint outside) => _sessions.Keys.Any(session => session.Bindings.IsListening(outside));

    /// <summary>It is the outside endpoint of some program's UDP socket.</summary>
    public bool HasDatagramSocket(IPEndPoint outside) => _sessions.Keys.Any(session => session.Associations.All().Any(one => one.Outside.Equals(outside)));

    public void Count(StatusCounters counters)
    {
        var sessions = _sessions.Keys;
        counters.Add("sessions", "open", sessions.Count);
        counters.Add("sessions", "everOpened", Interlocked.Read(ref _everOpened));
        counters.Add("bindings", "bound", sessions.Sum(session => session.Bindings.Count));
        counters.Add("bindings", "listening", sessions.Sum(session => session.Bindings.All().Count(binding => binding.IsListening)));
        counters.Add("bindings", "everListening", Interlocked.Read(ref _everListening));
        counters.Add("udp", "sockets", sessions.Sum(session => session.Associations.Count));
        counters.Add("udp", "peers", sessions.Sum(session => session.Associations.Mappings().Length));
    }

    public IEnumerable<FlowStatus> Peers() => _sessions.Keys.SelectMany(session => session.Associations.Mappings().Select(mapping => Of(session, mapping)));

    public IEnumerable<BindingStatus> Bindings() => _sessions.Keys.SelectMany(session => session.Bindings.All().Select(binding => new BindingStatus
    {
        Program = session.Identity.Application,
        User = session.Identity.User,
        Client = binding.Client.ToString(),
        Outside = binding.Outside.ToString(),
        State = binding.IsListening ? "Listening" : "Bound",
        Accepted = binding.Accepted,
    }).Concat(session.Associations.All().Select(association => new BindingStatus
    {
        Protocol = "UDP",
        Program = session.Identity.Application,
        User = session.Identity.User,
        Client = association.Client.ToString(),
        Outside = association.Outside.ToString(),
        State = association.Listens ? "Listening" : "Bound",
        Accepted = association.Count,
    })));

    private FlowStatus Of(SessionContext session, PeerMapping mapping)
    {
        var now = time.Milliseconds();
        return new FlowStatus
        {
            Protocol = "UDP",
            Inbound = mapping.IsInbound,
            Program = session.Identity.Application,
            User = session.Identity.User,
            Session = session.Name,
            Client = mapping.Association.Client.ToString(),
            Inside = mapping.Port.Endpoint.ToString(),
            Outside = mapping.Association.Outside.ToString(),
            Peer = mapping.Peer.ToString(),
            PeerName = mapping.PeerName,
            State = mapping.IsOpen ? "Open" : "Announced",
            BytesOut = mapping.BytesOut,
            BytesIn = mapping.BytesIn,
            AgeSeconds = (now - mapping.Started) / 1000,
            IdleSeconds = (now - mapping.LastUsed) / 1000,
            Why = mapping.Rule.Length == 0 ? null : mapping.Rule,
        };
    }
}
