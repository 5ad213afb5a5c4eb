using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Server;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.AccessLog;
using FwRedirect.FirewallHost.Relay;
using FwRedirect.FirewallHost.Sockets;
using FwRedirect.FirewallHost.Sockets.Udp;

namespace FwRedirect.FirewallHost.Control;

/// <summary>One client session: who it is, what it holds, how it is answered.</summary>
internal sealed class SessionContext : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly IServerChannel _channel;

    public SessionContext(Firewall firewall, IServerChannel channel, IPAddress inside)
    {
        _channel = channel;
        Firewall = firewall;
        Inside = inside;
        Ended = _ended.Token;
        Name = $"s{firewall.NextSession()}";
        Bindings = new SessionBindings(firewall.Time);
        Arrivals = new SessionArrivals(Bindings, firewall.Time);
        Associations = new SessionAssociations(inside, firewall.DatagramPorts, firewall.Associations, firewall.Options.Udp, firewall.Time);
        firewall.Open.Add(this);
    }

    public Firewall Firewall { get; }

    public ServerIdentity Identity => _channel.Identity;

    /// <summary>"DOMAIN\user" or "-": what a log line says.</summary>
    public string UserName => Identity.User.Length == 0 ? "-" : Identity.User;

    public string Name { get; }

    /// <summary>The firewall's address that this client reached: its data connections go there too.</summary>
    public IPAddress Inside { get; }

    /// <summary>What the outside sees of this session's flows, whose IP version is that of its channel; null: the firewall can not make any.</summary>
    public IPAddress? External => Firewall.Options.ExternalOf(Inside.AddressFamily);

    public SessionBindings Bindings { get; }

    public SessionArrivals Arrivals { get; }

    /// <summary>UDP sockets and their peers.</summary>
    public SessionAssociations Associations { get; }

    public SessionRelays Relays { get; } = new();

    /// <summary>Outlives the session: its last tasks still look at it.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Ends it: what waits in its name stops waiting.</summary>
    public void Dispose()
    {
        if (Ended.IsCancellationRequested)
            return;
        Firewall.Open.Remove(this);
        _ended.Cancel();
        _ended.Dispose();
    }

    /// <summary>A client speaks for its own address only: else it could open the inside port for, or have connections sent to, somebody else.</summary>
    public bool IsOwn(IPAddress address) =>
        Identity.RemoteEndPoint is { } remote && address.Equals(remote.Address.IsIPv4MappedToIPv6 ? remote.Address.MapToIPv4() : remote.Address);

    /// <summary>Why a flow to <paramref name="destination"/> can not be asked for over this channel; null where it can.</summary>
    public SocketFailure? OfOtherVersion(IPAddress destination)
    {
        if (Firewall.Options.ExternalOf(destination.AddressFamily) is null)
            return new SocketFailure(WinsockError.WSAENETUNREACH, $"the firewall has no outside address of the family of {destination}");
        return destination.AddressFamily == Inside.AddressFamily
            ? null
            : new SocketFailure(WinsockError.WSAEOPNOTSUPP, $"{destination} is not of the IP version of this control channel: its flows go over one of their own");
    }

    /// <summary>The outside address that a Bind asks for: the one of all flows, or one of those on which programs may be published.</summary>
    /// <exception cref="SocketFailure">It is none of this firewall, or none for this channel.</exception>
    public IPAddress OutsideFor(BindRequest request)
    {
        if (External is not { } external)
            throw new SocketFailure(WinsockError.WSAEADDRNOTAVAIL, $"the firewall has no outside address of the family of {request.ClientEndpoint.Address}");
        var wanted = request.Wanted.Address;
        if (wanted.Equals(external) || wanted.Equals(IPAddress.Any) || wanted.Equals(IPAddress.IPv6Any))
            return external;
        return wanted.AddressFamily == external.AddressFamily && Firewall.Options.MoreExternalAddresses.Contains(wanted)
            ? wanted
            : throw new SocketFailure(WinsockError.WSAEADDRNOTAVAIL, $"{wanted} is not an outside address of the firewall for this channel, such as {external}");
    }

    public void Reply(RwsMessage request, RwsMessage reply, uint handle = 0) =>
        _channel.Send(reply with { Id = request.Id, Application = request.Application, ClientMapping = request.ClientMapping, FirewallHandle = handle });

    public void Fail(RwsMessage request, WinsockError error, string sentence, uint handle = 0) =>
        Reply(request, new ErrorReply(request.OpCode, error, sentence), handle);

    public void Send(RwsMessage message) => _channel.Send(message with { Application = Identity.Application });

    public AccessEntry NewEntry(uint connection, bool inbound, IPEndPoint client) => new()
    {
        Started = Firewall.Time.GetUtcNow(),
        Session = Name,
        Connection = connection,
        User = Identity.User,
        Agent = $"{Identity.Application}:{Identity.Client.Platform}",
        Computer = Identity.Client.Computer,
        Inbound = inbound,
        Client = client,
    };
}
