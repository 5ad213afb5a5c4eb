using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Session;

/// <summary>The requests of a client's session that wait for their reply, each with its deadline.</summary>
internal sealed class ClientRequests
{
    private readonly Dictionary<(ObjectId Id, OpCode Request), Outstanding> _outstanding = [];

    /// <summary>Null where it waits from here on; else why not, as its answer.</summary>
    public SessionAction.Answer? TryAdd(RwsMessage request, long now)
    {
        if (_outstanding.Count >= RwsLimits.OutstandingRequests)
            return Refuse(request, WinsockError.WSAENOBUFS, $"{_outstanding.Count} requests wait for the firewall already");
        return _outstanding.TryAdd((request.Id, request.OpCode), new Outstanding(request, now + SessionTiming.RequestDeadline))
            ? null
            : Refuse(request, WinsockError.WSAEINVAL, $"{request.OpCode} of {request.Id} waits for its reply already");
    }

    public bool TryTake(ObjectId id, OpCode opCode, out RwsMessage? request)
    {
        var found = _outstanding.Remove((id, opCode), out var waiting);
        request = waiting?.Request;
        return found;
    }

    /// <summary>Those whose deadline is over wait no longer.</summary>
    public IEnumerable<SessionAction.Answer> TakeLate(long now)
    {
        foreach (var (key, waiting) in _outstanding)
        {
            if (now >= waiting.Deadline && _outstanding.Remove(key))
                yield return Refuse(waiting.Request, WinsockError.WSAETIMEDOUT, $"the firewall did not answer within {SessionTiming.RequestDeadline / 1000} s");
        }
    }

    public IReadOnlyList<SessionAction.Answer> RefuseAll(string sentence)
    {
        SessionAction.Answer[] all = [.. _outstanding.Values.Select(waiting => Refuse(waiting.Request, WinsockError.WSAENETDOWN, sentence))];
        _outstanding.Clear();
        return all;
    }

    public static SessionAction.Answer Refuse(RwsMessage request, WinsockError error, string sentence) =>
        new(request, new ErrorReply(request.OpCode, error, sentence) { Id = request.Id, Application = request.Application });

    private sealed record Outstanding(RwsMessage Request, long Deadline);
}
