using System.Runtime.Versioning;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Processes.Windows;

/// <summary>A socket as the events tell of it.</summary>
[SupportedOSPlatform("windows")]
internal sealed class ObservedSocket(byte protocol, PacketEndpoint local, ulong id)
{
    public byte Protocol { get; } = protocol;

    /// <summary>Its own end; the address may be a wildcard.</summary>
    public PacketEndpoint Local { get; } = local;

    /// <summary>WinDivert's EndpointId; 0 where only a table of the system told of it.</summary>
    public ulong Id { get; } = id;

    /// <summary>Who used it last.</summary>
    public int ProcessId { get; set; }

    /// <summary>Time of the last event but Close.</summary>
    public long At { get; set; }

    /// <summary>Null while it is open.</summary>
    public long? ClosedAt { get; set; }

    /// <summary>A bind to all addresses comes as 0.0.0.0, as ::, or with no address at all.</summary>
    public bool IsWildcard => Local.Address == 0 || Local is { IsIPv4: true, IPv4: 0 };

    public bool Covers(PacketEndpoint endpoint) => IsWildcard || Local.Address == endpoint.Address;
}
