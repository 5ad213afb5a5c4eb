using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Journeys;

/// <summary>
/// A UDP socket that waits for datagrams: Bind at the firewall before it has sent any, and Listen where everybody may send. Its peers come as New mapping and are UdpJourney's, as is
/// what the program sends.
/// </summary>
internal sealed class DatagramListener(
    PacketEndpoint local, ProcessInfo process, ListenDecision decision, UdpJourney datagrams, TimeProvider time, ILogger logger)
    : PublishedSocket(local, process, decision, time, logger)
{
    /// <summary>Of no meaning for UDP; TCP's least.</summary>
    private const ushort NoBacklog = 1;

    private DatagramAssociation? _association;

    protected override string Protocol => "UDP";

    protected override async Task<WinsockError?> AskAsync()
    {
        BeginTry();
        (_association, var socket) = await datagrams.BindAsync(this);
        if (socket is null)
            return NotListening(WinsockError.WSAEOPNOTSUPP, "the firewall carries no UDP");
        var reply = await socket.Bound;
        if (reply is BindReply bound)
        {
            var outside = bound.Outside;
            if (Decision.TakesStrangers && !IsClosed)
                reply = await socket.Channel.Rws.RequestAsync(new ListenRequest(outside, NoBacklog) { Id = socket.Id });
            if (reply is BindReply or ListenReply)
            {
                Listening(outside, Decision.TakesStrangers ? ListenerState.Listening : ListenerState.Bound);
                JourneyLog.WaitsForDatagrams(Logger, Process.Name, _association.Client, outside, Decision.Why);
                return null;
            }
        }
        else
        {
            datagrams.Unbind(_association, socket);
        }

        var error = reply as ErrorReply;
        return NotListening(error?.Error ?? WinsockError.WSAEINVAL, error is null ? reply.Describe() : $"{error.Error}, {error.Sentence}");
    }

    protected override void GiveBack()
    {
        if (_association is { } association)
            datagrams.GiveBack(association, this);
    }
}
