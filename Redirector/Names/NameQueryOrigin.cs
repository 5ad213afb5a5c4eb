using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Names;

/// <summary>Where a query came from and went to: its answer goes from <paramref name="Server"/> to <paramref name="Client"/>, by the interface of <paramref name="Address"/>.</summary>
internal readonly record struct NameQueryOrigin(PacketEndpoint Client, PacketEndpoint Server, DivertAddress Address);
