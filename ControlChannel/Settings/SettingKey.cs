namespace FwRedirect.ControlChannel.Settings;

/// <summary>The application settings, by the names that administrators of ISA Server and Forefront TMG know. What each does: Redirector/README.md.</summary>
internal enum SettingKey
{
    Disable,
    NameResolution,
    NameResolutionForLocalHost,
    LocalBindTcpPorts,
    LocalBindUdpPorts,
    RemoteBindTcpPorts,
    RemoteBindUdpPorts,
    ServerBindTcpPorts,
    ServerBindUdpPorts,
    DontRemoteOutboundTcpPorts,
    DontRemoteOutboundUdpPorts,
    ProxyBindIp,
    KillOldSession,
    Persistent,
    ForceCredentials,
}
