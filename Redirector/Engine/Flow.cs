using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>One connection (or UDP association) of a program here, through the firewall.</summary>
internal sealed class Flow
{
    private volatile bool _translates;
    private volatile bool _carriedElsewhere;
    private int _end;

    public Flow(byte protocol, PacketEndpoint client, PacketEndpoint peer, long now)
    {
        Protocol = protocol;
        Client = client;
        Peer = peer;
        FirstSeen = now;
        Outbound = new FlowHalf(this, PacketDirection.Outbound)
        {
            Key = new FlowKey(PacketDirection.Outbound, protocol, client, peer),
        };
        Inbound = new FlowHalf(this, PacketDirection.Inbound);
    }

    /// <summary>One of <see cref="IpProtocol"/>.</summary>
    public byte Protocol { get; }

    /// <summary>The program's own endpoint.</summary>
    public PacketEndpoint Client { get; }

    /// <summary>Whom the program believes to talk to.</summary>
    public PacketEndpoint Peer { get; }

    /// <summary>The firewall's endpoint on the inside that stands for the peer; default while pending.</summary>
    public PacketEndpoint Inside { get; private set; }

    /// <summary>
    /// The program's endpoint as the firewall sees it: its own one, or its port at another address of this machine where the way to the firewall leaves by that.
    /// </summary>
    public PacketEndpoint SeenAs { get; private set; }

    /// <summary>True where the firewall connects to the program.</summary>
    public bool IsMapping { get; init; }

    public FlowHalf Outbound { get; }

    public FlowHalf Inbound { get; }

    public long FirstSeen { get; }

    public long LastActive => Math.Max(FirstSeen, Math.Max(Outbound.LastActive, Inbound.LastActive));

    /// <summary>SYNs of the same attempt after the first, while it was pending or refused.</summary>
    public int SynRepeats { get; set; }

    /// <summary>UDP: the socket whose peer this is; null for TCP.</summary>
    public DatagramAssociation? Association { get; init; }

    /// <summary>Whatever the caller wants to find again.</summary>
    public object? Owner { get; set; }

    /// <summary>Why it goes where it goes: which rule or setting, and where that is from. Empty while its program is looked for.</summary>
    public string Why { get; set; } = "";

    public FlowState State => FlowLifecycle.StateOf(this);

    /// <summary>How it ended, <see cref="FlowEnd.None"/> while it lives.</summary>
    public FlowEnd End => (FlowEnd)Volatile.Read(ref _end);

    /// <summary>
    /// Set by the caller where the diverter carries the flow's packets without us: silence then means nothing, so the flow never idles out and its end
    /// comes as <see cref="RedirectEngine.EndedOutside"/>.
    /// </summary>
    public bool CarriedElsewhere { get => _carriedElsewhere; set => _carriedElsewhere = value; }

    /// <summary>The packet path may rewrite and need not ask: bound and not cut.</summary>
    internal bool Translates => _translates;

    /// <summary>What the engine decided; <see cref="FlowState.Opening"/> stands for all states of a bound flow, which its packets refine.</summary>
    internal FlowState Decided { get; private set; }

    internal HeldPacket? Held { get; set; }

    /// <summary>UDP's, in the place of <see cref="Held"/>: there may be several.</summary>
    internal HeldDatagrams? HeldDatagrams { get; init; }

    internal FlowRefusal Refusal { get; set; }

    /// <summary>When a refused or aborted flow is forgotten; when the firewall is asked again for one that goes direct.</summary>
    internal long ExpiresAt { get; set; }

    /// <summary>When the program of a refused UDP flow was told last.</summary>
    internal long ToldAt { get; set; }

    /// <summary>Makes the rewrites of both directions; packets are not translated before the flow is open.</summary>
    internal void Bind(PacketEndpoint inside, PacketEndpoint seenAs)
    {
        Inside = inside;
        SeenAs = seenAs;
        Outbound.Bind(EndpointRewrite.Between(Peer, inside));
        Inbound.Bind(EndpointRewrite.Between(inside, Peer));
        if (seenAs != Client)
        {
            Outbound.BindOwn(EndpointRewrite.Between(Client, seenAs));
            Inbound.BindOwn(EndpointRewrite.Between(seenAs, Client));
        }
        Inbound.Key = new FlowKey(PacketDirection.Inbound, Protocol, inside, seenAs);
    }

    internal void Enter(FlowState state) => Enter(state, translates: state == FlowState.Opening);

    internal void Enter(FlowState state, bool translates)
    {
        Decided = state;
        // Written last: a thread that sees it sees the rewrites too.
        _translates = translates;
    }

    /// <summary>A bound flow's packets are translated from here on, if it has not ended meanwhile.</summary>
    internal void Open()
    {
        if (Decided == FlowState.Opening)
            _translates = true;
    }

    /// <summary>True for the one caller, on whichever thread, that ends the flow.</summary>
    internal bool TryEnd(FlowEnd end) => Interlocked.CompareExchange(ref _end, (int)end, (int)FlowEnd.None) == (int)FlowEnd.None;

    public override string ToString() => $"{Client} -> {Peer} via {Inside}, {State}";
}
