using System.Buffers.Binary;
using System.Security.Cryptography;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Server;

/// <summary>All sessions of a firewall that can be resumed, by their number; and how many of them may wait for their clients. Thread-safe.</summary>
/// <param name="grace">How long a lost session waits.</param>
/// <param name="mostLost">Lost sessions altogether; one more ends the one that was lost first.</param>
/// <param name="mostLostOfClient">The same for one client address.</param>
public sealed class ResumableSessions(TimeSpan grace, int mostLost, int mostLostOfClient)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, RwsServerChannel> _sessions = [];
    private readonly LinkedList<RwsServerChannel> _lost = new();

    /// <summary>Sessions that wait for their clients now.</summary>
    public int LostCount
    {
        get
        {
            lock (_lock)
                return _lost.Count(session => session.IsLost);
        }
    }

    /// <summary>The firewall stops.</summary>
    public void EndAll(string reason)
    {
        RwsServerChannel[] all;
        lock (_lock)
            all = [.. _sessions.Values];
        foreach (var session in all)
            session.Abort(reason);
    }

    /// <summary>For one connection. A session's number is no secret; that it is random keeps a client of a firewall that was restarted from meeting another's.</summary>
    internal ResumeOffer Offer()
    {
        var random = RandomNumberGenerator.GetBytes(4 + (2 * RwsLimits.ResumeSecret));
        var number = BinaryPrimitives.ReadUInt32LittleEndian(random) | 1;
        return new ResumeOffer(number, random.AsMemory(4, RwsLimits.ResumeSecret), random.AsMemory(4 + RwsLimits.ResumeSecret), grace);
    }

    /// <summary>One of the same number, which is one in two thousand million, can not be resumed any more.</summary>
    internal void Add(RwsServerChannel session)
    {
        lock (_lock)
            _sessions[session.SessionNumber] = session;
    }

    internal RwsServerChannel? Find(uint number)
    {
        lock (_lock)
            return _sessions.GetValueOrDefault(number);
    }

    internal void Remove(RwsServerChannel session)
    {
        lock (_lock)
        {
            if (_sessions.GetValueOrDefault(session.SessionNumber) == session)
                _sessions.Remove(session.SessionNumber);
            _lost.Remove(session);
        }
    }

    /// <summary>It waits from now on; whom that is too many for gives way. Called without any session's gate.</summary>
    internal void Lost(RwsServerChannel session)
    {
        RwsServerChannel? tooMany = null;
        lock (_lock)
        {
            // Those that came back since are in the list no longer.
            for (var node = _lost.First; node is not null;)
            {
                var next = node.Next;
                if (!node.Value.IsLost || node.Value == session)
                    _lost.Remove(node);
                node = next;
            }

            _lost.AddLast(session);
            var ofClient = _lost.Where(other => other.Identity.IsOfAddress(session.Identity)).ToArray();
            if (ofClient.Length > mostLostOfClient)
                tooMany = ofClient[0];
            else if (_lost.Count > mostLost)
                tooMany = _lost.First!.Value;
        }

        tooMany?.Abort("too many sessions wait for their clients");
    }

    /// <summary>
    /// Ends what nobody comes back to: lost sessions of the same user at the same address that another run of the client's service made; with
    /// <paramref name="killOld"/> every session of the same program of theirs. Called without any session's gate.
    /// </summary>
    internal void EndEarlier(ServerIdentity client, uint run, bool killOld)
    {
        RwsServerChannel[] earlier;
        lock (_lock)
        {
            earlier =
            [
                .. _sessions.Values.Where(session => session.Identity.IsOfAddress(client) && session.Identity.User == client.User
                    && ((session.IsLost && session.Run != run) || (killOld && session.Identity.Application == client.Application))),
            ];
        }

        foreach (var session in earlier)
            session.Abort(session.IsLost ? "its client has begun anew" : "a new session of the same program takes its place");
    }
}
