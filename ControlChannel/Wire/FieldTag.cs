namespace FwRedirect.ControlChannel.Wire;

/// <summary>
/// Tags of optional fields behind a message's fixed ones: later needs fit without a new version. A reader skips a tag that it does not know,
/// unless bit 15 (<see cref="Critical"/>) says that the message can not be understood without it.
/// </summary>
public enum FieldTag : ushort
{
    /// <summary>Setup response: the address that the outside sees, for Bind requests.</summary>
    ExternalAddress = 0x0001,

    /// <summary>Setup response: seconds after which the client shall send a keep-alive.</summary>
    KeepAliveSeconds = 0x0002,

    /// <summary>Host entry, host names: seconds that the answer may be kept.</summary>
    TimeToLive = 0x0003,

    /// <summary>Connect request: the name that the program looked up before, so that rules and logs can speak of it.</summary>
    DestinationName = 0x0004,

    /// <summary>Setup response: the IP protocol numbers that the firewall binds.</summary>
    Protocols = 0x0005,

    /// <summary>Connect request: the destination is a peer of a bound UDP socket, not a connection's server. Nobody may take it for a TCP connect, so it is critical.</summary>
    Association = 0x8006,

    /// <summary>Error reply to a look-up: the SOA record of the zone in which the name, or what it was asked for, is absent.</summary>
    StartOfAuthority = 0x0007,

    /// <summary>Setup response: the version of the settings that the firewall has for its clients; without it the firewall has none and takes no Get settings.</summary>
    SettingsVersion = 0x0018,

    /// <summary>Setup request: the client can resume its session; which one it comes back to, and which run of the client it is.</summary>
    Resumption = 0x0028,

    /// <summary>Setup response: the session can be resumed; what the client's proof is made of.</summary>
    ResumeNonce = 0x0029,

    /// <summary>Setup request: sessions that earlier runs of this program have left are to end first.</summary>
    KillOldSession = 0x002A,

    /// <summary>Setup response: where the firewall takes channels over the IP version that this one does not stand over, because it can connect outside in that too.</summary>
    OtherInsideAddress = 0x0038,

    /// <summary>Bit 15: a reader that does not know the tag must refuse the message.</summary>
    Critical = 0x8000,
}
