using FwRedirect.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Diversion.Windows.Filters;

/// <summary>A packet as the driver shows it to a filter.</summary>
internal sealed record FilterSample(byte[] Packet, bool Outbound = true, bool Loopback = false)
{
    public PacketView View => new(Packet);

    public PacketEndpoint Remote => Outbound ? View.Destination : View.Source;

    public PacketEndpoint Local => Outbound ? View.Source : View.Destination;
}
