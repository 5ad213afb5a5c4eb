using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Processes;

namespace FwRedirect.Redirector.Journeys;

/// <summary>A program's listening socket that the firewall listens for.</summary>
/// <param name="Client">Where the program listens; the channel's own address for a wildcard.</param>
/// <param name="SeenAs">What stands for it at the firewall: what the firewall connects to.</param>
/// <param name="OwnAddressId">The number that the look-up of the program's own address took; it was answered here and never sent (checklist 1.5).</param>
internal sealed record Binding(ProcessInfo Process, FirewallChannel Channel, ObjectId OwnAddressId, ObjectId Id, IPEndPoint Client, IPEndPoint SeenAs);
