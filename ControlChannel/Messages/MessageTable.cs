using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>Which record reads which message.</summary>
internal static class MessageTable
{
    public static RwsMessage ReadBody(RwsHeader header, ref RwsReader body, string application, ClientInfo? client) => header.OpCode switch
    {
        OpCode.ChannelSetupRequest => ChannelSetupRequest.ReadBody(ref body, client),
        OpCode.ChannelSetupResponse => ChannelSetupResponse.ReadBody(ref body),
        OpCode.Authenticate => Authenticate.ReadBody(ref body, header.Flags.HasFlag(PacketFlags.FromFirewall)),
        OpCode.LogonOk => LogonOk.ReadBody(ref body),
        OpCode.LogonFailure => LogonFailure.ReadBody(ref body),
        OpCode.GetHostByName => GetHostByName.ReadBody(ref body),
        OpCode.HostEntry => HostEntry.ReadBody(ref body),
        OpCode.GetHostByAddress => GetHostByAddress.ReadBody(ref body),
        OpCode.HostNames => HostNames.ReadBody(ref body),
        OpCode.DnsQuery => DnsQueryRequest.ReadBody(ref body),
        OpCode.DnsAnswer => DnsQueryReply.ReadBody(ref body),
        OpCode.Connect => ConnectRequest.ReadBody(ref body),
        OpCode.ConnectReply => ConnectReply.ReadBody(ref body),
        OpCode.Bind => BindRequest.ReadBody(ref body),
        OpCode.BindReply => BindReply.ReadBody(ref body),
        OpCode.Listen => ListenRequest.ReadBody(ref body),
        OpCode.ListenReply => ListenReply.ReadBody(ref body),
        OpCode.NewMapping => NewMapping.ReadBody(ref body),
        OpCode.MappingReceived => MappingReceived.ReadBody(ref body),
        OpCode.MappingError => MappingError.ReadBody(ref body),
        OpCode.Close => Close.ReadBody(ref body, header.Flags.HasFlag(PacketFlags.FromFirewall)),
        OpCode.KeepAlive => KeepAlive.Instance,
        OpCode.KeepAliveReply => KeepAliveReply.Instance,
        OpCode.SessionTicket => SessionTicket.ReadBody(ref body),
        OpCode.Resume => Resume.ReadBody(ref body),
        OpCode.Resumed => Resumed.ReadBody(ref body),
        OpCode.Acknowledge => Acknowledge.ReadBody(ref body, header.Flags.HasFlag(PacketFlags.FromFirewall)),
        OpCode.EndOfSession => EndOfSession.ReadBody(ref body, header.Flags.HasFlag(PacketFlags.FromFirewall)),
        OpCode.ErrorReply => ErrorReply.ReadBody(ref body),
        OpCode.Echo => EchoRequest.ReadBody(ref body),
        OpCode.EchoReply => EchoReply.ReadBody(ref body),
        OpCode.EchoError => EchoError.ReadBody(ref body),
        _ => throw new RwsFormatException($"OpCode: 0x{(ushort)header.OpCode:X4} of {application} is not known"),
    };
}
