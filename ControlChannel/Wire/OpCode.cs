namespace FwRedirect.ControlChannel.Wire;

/// <summary>The kind of an RWS message. Microsoft never published its numbers; these are ours (PROTOCOL.md, "Messages").</summary>
public enum OpCode : ushort
{
    ChannelSetupRequest = 0x0001,
    ChannelSetupResponse = 0x0002,
    Authenticate = 0x0003,
    LogonOk = 0x0004,
    LogonFailure = 0x0005,

    GetHostByName = 0x0010,
    HostEntry = 0x0011,
    GetHostByAddress = 0x0012,
    HostNames = 0x0013,
    DnsQuery = 0x0014,
    DnsAnswer = 0x0015,

    Connect = 0x0020,
    ConnectReply = 0x0021,

    Bind = 0x0030,
    BindReply = 0x0031,
    Listen = 0x0032,
    ListenReply = 0x0033,
    NewMapping = 0x0034,
    MappingReceived = 0x0035,
    MappingError = 0x0036,

    Close = 0x0040,
    KeepAlive = 0x0041,
    KeepAliveReply = 0x0042,
    ErrorReply = 0x0043,

    Echo = 0x0060,
    EchoReply = 0x0061,
    EchoError = 0x0062,

    SessionTicket = 0x0070,
    Resume = 0x0071,
    Resumed = 0x0072,
    Acknowledge = 0x0073,
    EndOfSession = 0x0074,
}
