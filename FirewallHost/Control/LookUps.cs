using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Names;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Names;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Control;

/// <summary>The look-ups of one session: Get host by name, Get host by address, DNS query.</summary>
internal sealed partial class LookUps(SessionContext session)
{
    private readonly NameResolver _names = session.Firewall.Names;
    private readonly ILogger _logger = session.Firewall.SessionLogger;
    private readonly TurnQueue _turns = new(Limits.LookUpsPerSession, Limits.LookUpTurn, session.Firewall.Time);

    public void Ask(GetHostByName request) => Start(request, async () =>
    {
        var answer = await _names.ResolveAsync(request.Name, session.Ended);
        Reply(request, answer, new HostEntry(request.Name, answer.CanonicalName, answer.Aliases, answer.Addresses, answer.TimeToLive));
    });

    public void Ask(GetHostByAddress request) => Start(request, async () =>
    {
        var answer = await _names.ResolveAsync(request.Address, session.Ended);
        Reply(request, answer, new HostNames(request.Address, [answer.CanonicalName, .. answer.Aliases], answer.TimeToLive));
    });

    public void Ask(DnsQueryRequest request) => Start(request, async () =>
    {
        if (!DnsQuery.TryParse(request.Message.Span, out var query))
        {
            session.Fail(request, WinsockError.WSAEINVAL, "the message is no DNS query with one question");
            return;
        }

        var answer = await _names.RelayAsync(query, session.Ended);
        if (answer.Message is null)
            session.Fail(request, answer.Error, answer.Sentence);
        else if (answer.Message.Length > RwsLimits.DnsAnswer)
            session.Fail(request, WinsockError.WSANO_RECOVERY, $"the answer for '{query.Name}' has {answer.Message.Length} bytes, more than {RwsLimits.DnsAnswer}");
        else
            session.Reply(request, new DnsQueryReply(answer.Message));
    });

    private void Start(RwsMessage request, Func<Task> look) => _ = RunAsync(request, look);

    private async Task RunAsync(RwsMessage request, Func<Task> look)
    {
        var entered = false;
        try
        {
            entered = await _turns.EnterAsync(session.Ended);
            if (entered)
                await look();
            else
                session.Fail(request, WinsockError.WSATRY_AGAIN, $"the session has {Limits.LookUpsPerSession} look-ups in flight, its limit");
        }
        catch (OperationCanceledException)
        {
            // The session has ended: nobody is there to be answered.
        }
        catch (Exception e)
        {
            LogFailed(e, session.Name, request.Id);
            session.Fail(request, WinsockError.WSANO_RECOVERY, "the firewall failed on this name; its log says why");
        }
        finally
        {
            if (entered)
                _turns.Leave();
        }
    }

    private void Reply(RwsMessage request, NameAnswer answer, RwsMessage found) => session.Reply(
        request, answer.Error == WinsockError.None ? found : new ErrorReply(request.OpCode, answer.Error, answer.Sentence) { Authority = answer.Authority });

    [LoggerMessage(520, LogLevel.Error, "{Session} {Id}: look-up failed unexpectedly")]
    private partial void LogFailed(Exception e, string session, ObjectId id);
}
