using FwRedirect.ControlChannel.Messages;
using Microsoft.Extensions.Logging;

namespace FwRedirect.ControlChannel.Session;

/// <summary>Log lines of both sides of a channel. Tokens never appear: a message is logged by its description.</summary>
internal static partial class ChannelLog
{
    [LoggerMessage(1, LogLevel.Debug, "received {Message}")]
    public static partial void Received(ILogger logger, RwsMessage message);

    [LoggerMessage(2, LogLevel.Debug, "sent {Message}")]
    public static partial void Sent(ILogger logger, RwsMessage message);

    [LoggerMessage(3, LogLevel.Debug, "the channel for {Application} ended: {End}")]
    public static partial void Ended(ILogger logger, string application, SessionEnd end);

    [LoggerMessage(5, LogLevel.Warning, "logon refused for {Account} (asked for by {User} on {Computer}): wrong user name or password, or {Reason}")]
    public static partial void LogonRefused(ILogger logger, string account, string user, string computer, string reason);

    [LoggerMessage(4, LogLevel.Error, "the handler of a control channel failed; the channel is closed")]
    public static partial void HandlerFailed(ILogger logger, Exception failure);
}
