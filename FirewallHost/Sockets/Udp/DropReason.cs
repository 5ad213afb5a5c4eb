namespace FwRedirect.FirewallHost.Sockets.Udp;

/// <summary>Why a datagram went no further.</summary>
internal enum DropReason
{
    /// <summary>Larger than UdpDatagramBytes, or than what the way outside carries.</summary>
    Oversized,

    /// <summary>It came to an inside port from a client socket that is not announced there.</summary>
    NotAnnounced,

    /// <summary>Its sender is no peer of the program, and filtering or the rules keep it out.</summary>
    NotAllowed,

    /// <summary>A limit: peers that wait for the client, datagrams held for one, inside ports.</summary>
    NoRoom,

    /// <summary>The system did not take it.</summary>
    NotSent,
}
