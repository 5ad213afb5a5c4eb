using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Rules;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Journeys;

internal static partial class PingLog
{
    [LoggerMessage(230, LogLevel.Debug, "{Application} pinged {Destination} in vain: {Answer}")]
    public static partial void Failed(ILogger logger, string application, PacketEndpoint destination, string answer);

    [LoggerMessage(232, LogLevel.Debug, "{Application} pinged {Destination}, {Decision}")]
    public static partial void Decided(ILogger logger, string application, PacketEndpoint destination, FlowDecision decision);

    [LoggerMessage(231, LogLevel.Error, "the ping of {Destination} could not be carried out")]
    public static partial void Lost(ILogger logger, PacketEndpoint destination, Exception failure);
}
