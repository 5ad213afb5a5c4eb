using System.Net;
using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>What the control channels of a capture said about other connections in it.</summary>
internal sealed class FirewallFlows
{
    private readonly Dictionary<EndpointPair, FirewallFlow> _legs = [];
    private readonly HashSet<FirewallFlow> _seen = [];
    private readonly List<FirewallFlow> _all = [];

    /// <summary>In the order of their announcement.</summary>
    public IReadOnlyList<FirewallFlow> All => _all;

    /// <summary>The firewall's own addresses, inside and outside.</summary>
    public HashSet<IPAddress> FirewallAddresses { get; } = [];

    /// <summary>True once a client had a name looked up.</summary>
    public bool NamesLookedUp { get; private set; }

    /// <summary>True once any message was read.</summary>
    public bool Any { get; private set; }

    public void Learn(RwsMessage message)
    {
        Any = true;
        switch (message)
        {
            case ConnectReply m:
                Add(new FirewallFlow(m.Source, m.Inside, m.Outside, m.Server, Incoming: false));
                break;
            case NewMapping m:
                Add(new FirewallFlow(m.ClientEndpoint, m.Inside, m.Outside, m.Peer, Incoming: true));
                break;
            // The same map again, for a capture that begins between the two.
            case MappingReceived m:
                Add(new FirewallFlow(m.ClientEndpoint, m.Inside, m.Outside, m.Peer, Incoming: true));
                break;
            case ChannelSetupResponse m:
                FirewallAddresses.Add(m.ExternalAddress);
                break;
            case GetHostByName or HostEntry:
                NamesLookedUp = true;
                break;
        }
    }

    /// <summary>The redirected connection of which these two ends are a leg, or null.</summary>
    public FirewallFlow? Find(EndpointPair ends) => _legs.GetValueOrDefault(ends);

    private void Add(FirewallFlow flow)
    {
        FirewallAddresses.Add(flow.Inside.Address);
        FirewallAddresses.Add(flow.Outside.Address);
        _legs[new EndpointPair(flow.Client, flow.Inside)] = flow;
        _legs[new EndpointPair(flow.Outside, flow.Server)] = flow;
        if (_seen.Add(flow))
            _all.Add(flow);
    }
}
