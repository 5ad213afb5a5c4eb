using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;

namespace FwRedirect.Redirector.Firewall;

/// <summary>There is no channel to the firewall, and why.</summary>
internal sealed class ChannelUnavailableException(SessionEnd end, bool unreachable) : Exception(end.Sentence)
{
    /// <summary>No firewall is there.</summary>
    public static ChannelUnavailableException Away(string sentence) => new(new SessionEnd(SessionEndKind.ConnectionLost, sentence), unreachable: true);

    /// <summary>No firewall carries this IP version.</summary>
    public static ChannelUnavailableException NotThere(AddressFamily family) =>
        new(new SessionEnd(SessionEndKind.ConnectionLost, $"the firewall has no {family.Version()}"), unreachable: true) { Lacks = family };

    /// <summary>Firewalls may be there, but they have none of this.</summary>
    public AddressFamily? Lacks { get; private init; }

    public SessionEnd End { get; } = end;

    /// <summary>The firewall did not answer at all: WhenFirewallUnreachable applies. False: it answered, and said no.</summary>
    public bool IsUnreachable { get; } = unreachable;
}
