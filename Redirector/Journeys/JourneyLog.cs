using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Journeys;

internal static partial class JourneyLog
{
    [LoggerMessage(200, LogLevel.Information, "{Application} connected from {Client} to {Peer} through {Inside}; {Why}")]
    public static partial void Connected(ILogger logger, string application, PacketEndpoint client, PacketEndpoint peer, PacketEndpoint inside, string why);

    [LoggerMessage(201, LogLevel.Information, "{Application} was refused {Peer}: {Error}, {Sentence}")]
    public static partial void Refused(ILogger logger, string application, PacketEndpoint peer, WinsockError error, string sentence);

    [LoggerMessage(202, LogLevel.Information, "{Application} from {Client} to {Peer} ended ({End}); {BytesOut} bytes out, {BytesIn} in")]
    public static partial void Ended(ILogger logger, string application, PacketEndpoint client, PacketEndpoint peer, FlowEnd end, long bytesOut, long bytesIn);

    [LoggerMessage(203, LogLevel.Error, "the work on {Flow} could not be carried out")]
    public static partial void Failed(ILogger logger, Flow flow, Exception failure);

    [LoggerMessage(204, LogLevel.Information, "{Application} listens on {Client}; the firewall listens for it on {Outside}: {Why}")]
    public static partial void Listening(ILogger logger, string application, IPEndPoint client, IPEndPoint outside, string why);

    [LoggerMessage(205, LogLevel.Warning, "{Application} listens on {Client}, but not at the firewall: {Sentence}")]
    public static partial void NotListening(ILogger logger, string application, IPEndPoint client, string sentence);

    [LoggerMessage(206, LogLevel.Information, "{Application} looked up {Name}: {Outcome}")]
    public static partial void LookedUp(ILogger logger, string application, string name, string outcome);

    [LoggerMessage(207, LogLevel.Error, "the look-up of {Name} could not be carried out")]
    public static partial void LookUpFailed(ILogger logger, string name, Exception failure);

    [LoggerMessage(208, LogLevel.Warning, "{Application} was refused {Peer}: {Client} would leave as {SeenAs}, and another flow of this computer does")]
    public static partial void SourceInUse(ILogger logger, string application, PacketEndpoint client, PacketEndpoint peer, PacketEndpoint seenAs);

    [LoggerMessage(210, LogLevel.Information, "{Application} listens on {Client}, and the firewall does no longer: {Reason}")]
    public static partial void BindingLost(ILogger logger, string application, PacketEndpoint client, string reason);

    [LoggerMessage(209, LogLevel.Error, "the listen on {Client} could not be carried out")]
    public static partial void ListenFailed(ILogger logger, PacketEndpoint client, Exception failure);

    [LoggerMessage(210, LogLevel.Information, "{Application} sends UDP from {Client} to {Peer} through {Inside}")]
    public static partial void PeerMapped(ILogger logger, string application, PacketEndpoint client, PacketEndpoint peer, PacketEndpoint inside);

    [LoggerMessage(216, LogLevel.Information, "{Application} waits for UDP on {Client}; the firewall has bound {Outside} for it: {Why}")]
    public static partial void WaitsForDatagrams(ILogger logger, string application, PacketEndpoint client, IPEndPoint outside, string why);

    [LoggerMessage(211, LogLevel.Information, "{Application} gets UDP on {Client} from {Peer} through {Inside}")]
    public static partial void PeerCame(ILogger logger, string application, PacketEndpoint client, PacketEndpoint peer, PacketEndpoint inside);

    [LoggerMessage(212, LogLevel.Information, "{Application} UDP from {Client} to {Peer} ended ({End}); {BytesOut} bytes out, {BytesIn} in")]
    public static partial void PeerEnded(ILogger logger, string application, PacketEndpoint client, PacketEndpoint peer, FlowEnd end, long bytesOut, long bytesIn);

    [LoggerMessage(213, LogLevel.Information, "{Application}: a datagram to {Peer} came to nothing: {Error}, {Sentence}")]
    public static partial void PeerFailed(ILogger logger, string application, PacketEndpoint peer, WinsockError error, string sentence);

    [LoggerMessage(214, LogLevel.Warning, "{Application} sends UDP, and {Firewall} carries none: it is refused")]
    public static partial void NoUdp(ILogger logger, string application, string firewall);

    [LoggerMessage(215, LogLevel.Error, "the end of a UDP flow could not be carried out")]
    public static partial void FinishFailed(ILogger logger, Exception failure);

    [LoggerMessage(216, LogLevel.Information, "{Application} gave up its connect {Id} before it was answered")]
    public static partial void GivenUp(ILogger logger, string application, ObjectId id);

    [LoggerMessage(220, LogLevel.Information, "{Application} goes from {Client} to {Peer} without the firewall: {Why}")]
    public static partial void Local(ILogger logger, string application, PacketEndpoint client, PacketEndpoint peer, string why);

    [LoggerMessage(221, LogLevel.Information, "{Application} from {Client} to {Peer} is blocked: {Why}")]
    public static partial void Blocked(ILogger logger, string application, PacketEndpoint client, PacketEndpoint peer, string why);

    [LoggerMessage(230, LogLevel.Information, "{Client} to {Peer}: {Why}, and the firewall has no IPv6; refused")]
    public static partial void NoIPv6(ILogger logger, PacketEndpoint client, PacketEndpoint peer, string why);

    [LoggerMessage(231, LogLevel.Information, "{Client} goes to {Peer} without the firewall, which has no IPv6")]
    public static partial void DirectIPv6(ILogger logger, PacketEndpoint client, PacketEndpoint peer);

    [LoggerMessage(222, LogLevel.Information, "{Application} may not look up {Name}: {Why}")]
    public static partial void NameBlocked(ILogger logger, string application, string name, string why);
}
