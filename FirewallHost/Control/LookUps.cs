using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Control;

/// <summary>Get host by name requests of one session.</summary>
internal sealed partial class LookUps(SessionContext session)
{
    private readonly ILogger _logger = session.Firewall.SessionLogger;
    private int _inFlight;

    public void Ask(GetHostByName request)
    {
        if (Interlocked.Increment(ref _inFlight) > Limits.LookUpsPerSession)
        {
            Interlocked.Decrement(ref _inFlight);
            session.Fail(request, WinsockError.WSATRY_AGAIN, $"the session has {Limits.LookUpsPerSession} look-ups in flight, its limit");
            return;
        }

        _ = AskAsync(request);
    }

    private async Task AskAsync(GetHostByName request)
    {
        try
        {
            var answer = await session.Firewall.Names.ResolveAsync(request.Name, session.Ended);
            if (answer.Error == WinsockError.None)
                session.Reply(request, new HostEntry(request.Name, answer.CanonicalName, answer.Aliases, answer.Addresses, answer.TimeToLive));
            else
                session.Fail(request, answer.Error, answer.Sentence);
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
            Interlocked.Decrement(ref _inFlight);
        }
    }

    [LoggerMessage(520, LogLevel.Error, "{Session} {Id}: look-up failed unexpectedly")]
    private partial void LogFailed(Exception e, string session, ObjectId id);
}
