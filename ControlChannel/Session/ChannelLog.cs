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

    [LoggerMessage(6, LogLevel.Information, "the connection of {Application}'s session is lost: {End}; what it holds is kept for a while")]
    public static partial void Lost(ILogger logger, string application, SessionEnd end);

    [LoggerMessage(7, LogLevel.Information, "{Application} has resumed session 0x{Session:X}")]
    public static partial void Resumed(ILogger logger, string application, uint session);

    [LoggerMessage(8, LogLevel.Warning, "the connection to the firewall for {Application} is lost: {End}; its connections go on, and it is tried again")]
    public static partial void LostHere(ILogger logger, string application, SessionEnd end);

    [LoggerMessage(9, LogLevel.Information, "the session of {Application} goes on over a new connection")]
    public static partial void Reopened(ILogger logger, string application);

    [LoggerMessage(10, LogLevel.Debug, "no connection to the firewall for {Application}'s session yet: {Reason}")]
    public static partial void NotReached(ILogger logger, string application, string reason);

    [LoggerMessage(4, LogLevel.Error, "the handler of a control channel failed; the channel is closed")]
    public static partial void HandlerFailed(ILogger logger, Exception failure);
}
