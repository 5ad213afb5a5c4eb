using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;

namespace FwRedirect.Redirector.Rules;

/// <summary>What is known of a flow when it is decided on.</summary>
/// <param name="Protocol">IP protocol number: 6 TCP, 17 UDP, 1 ICMP.</param>
/// <param name="Destination">Of ICMP without a port.</param>
/// <param name="Name">The name by which the program got the destination's address; null where nobody here looked it up.</param>
internal readonly record struct FlowQuestion(ProcessInfo Process, byte Protocol, PacketEndpoint Destination, string? Name);
