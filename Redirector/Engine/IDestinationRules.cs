using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Engine;

/// <summary>What the engine asks about a destination before it holds a SYN.</summary>
internal interface IDestinationRules
{
    /// <summary>True where programs reach <paramref name="destination"/> without the firewall. Called on the packet path: from memory, no I/O, no throw.</summary>
    bool IsLocal(PacketEndpoint destination);
}
