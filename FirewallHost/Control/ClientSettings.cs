using System.Collections.Concurrent;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Settings;

namespace FwRedirect.FirewallHost.Control;

/// <summary>What this firewall sets for its clients, and who wants to hear of changes. Thread-safe.</summary>
internal sealed class ClientSettings(FirewallSettings settings)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<SessionContext, ObjectId> _subscribers = new();
    private volatile SettingsContent _content = settings.ToContent();

    public string Version => _content.Version;

    /// <summary>Answers, and tells this session from here on of every change; one id a session, the last.</summary>
    public void Subscribe(SessionContext session, GetSettings request)
    {
        // Under the gate: a change in between is told either by the answer or after it.
        lock (_gate)
        {
            _subscribers[session] = request.Id;
            session.Reply(request, new SettingsReply(_content));
        }
    }

    /// <param name="id">Null: whatever id it has.</param>
    public void Unsubscribe(SessionContext session, ObjectId? id = null)
    {
        if (id is { } one)
            _subscribers.TryRemove(new(session, one));
        else
            _subscribers.TryRemove(session, out _);
    }

    /// <summary>Puts these in force. The number of sessions told; null where nothing is new.</summary>
    public int? Publish(FirewallSettings changed)
    {
        var content = changed.ToContent();
        lock (_gate)
        {
            if (content.Version == _content.Version)
                return null;
            _content = content;
            var told = 0;
            foreach (var (session, id) in _subscribers)
            {
                session.Send(new SettingsChanged(content) { Id = id });
                told++;
            }

            return told;
        }
    }
}
