namespace FwRedirect.FirewallHost.Sockets.Udp;

/// <summary>Every way that a mapping of a UDP socket can end.</summary>
internal enum MappingEnd
{
    /// <summary>The client closed it, or its socket; or refused it.</summary>
    Closed,

    /// <summary>No datagram that counts came for UdpIdleSeconds, or for an hour to a socket without peers.</summary>
    Idle,

    /// <summary>It was unused for longest, and its place was needed.</summary>
    Evicted,

    /// <summary>The client did not say Mapping received in time.</summary>
    NotAcknowledged,

    /// <summary>The control session ended.</summary>
    SessionEnded,
}
