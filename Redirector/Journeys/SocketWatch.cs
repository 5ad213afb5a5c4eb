using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Journeys;

/// <summary>Which program's socket stands behind which UDP association, so that the socket's close can end it. Thread-safe.</summary>
internal sealed class SocketWatch
{
    /// <summary>A socket may be closed between the moment that it was found and the moment that it is watched: so many closes are remembered for that.</summary>
    private const int Remembered = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<DatagramAssociation, ulong> _sockets = [];

    /// <summary>A socket that is bound to no address may send from several: each is an association.</summary>
    private readonly Dictionary<ulong, HashSet<DatagramAssociation>> _bySocket = [];

    /// <summary>Those whose socket has no name.</summary>
    private readonly Dictionary<ushort, HashSet<DatagramAssociation>> _byPort = [];
    private readonly Queue<ulong> _closed = [];
    private readonly HashSet<DatagramAssociation> _closing = [];

    /// <param name="socketId">0 where the system gave no name: then the socket is known by its endpoint.</param>
    /// <param name="association">What ends with it.</param>
    /// <returns>True where the socket has been closed meanwhile.</returns>
    public bool Add(ulong socketId, DatagramAssociation association)
    {
        lock (_gate)
        {
            Forget(association);
            _sockets.Add(association, socketId);
            if (socketId == 0)
                Add(_byPort, association.Client.Port, association);
            else
                Add(_bySocket, socketId, association);
            return socketId != 0 && _closed.Contains(socketId);
        }
    }

    /// <summary>What a closed socket takes along; none where it was not watched.</summary>
    /// <param name="socketId">As for <see cref="Add"/>.</param>
    /// <param name="local">The socket's own endpoint, as far as the event tells; its address is zero for a wildcard bind.</param>
    public DatagramAssociation[] Close(ulong socketId, PacketEndpoint local)
    {
        lock (_gate)
        {
            _closed.Enqueue(socketId);
            if (_closed.Count > Remembered)
                _closed.Dequeue();
            DatagramAssociation[] ended = [];
            if (socketId != 0 && _bySocket.TryGetValue(socketId, out var ofSocket))
            {
                ended = [.. ofSocket];
            }
            else if (local.Port != 0 && _byPort.TryGetValue(local.Port, out var ofPort))
            {
                ended = [.. ofPort.Where(association => local.IsAnyAddress || association.Client == local)];
            }

            _closing.UnionWith(ended);
            return ended;
        }
    }

    /// <summary>What closed sockets with this port have left, and must end now: the port is another's.</summary>
    public DatagramAssociation[] Bind(ushort port)
    {
        lock (_gate)
            return [.. _closing.Where(association => association.Client.Port == port)];
    }

    public void Remove(DatagramAssociation association)
    {
        lock (_gate)
        {
            _closing.Remove(association);
            Forget(association);
        }
    }

    private static void Add<TKey>(Dictionary<TKey, HashSet<DatagramAssociation>> table, TKey key, DatagramAssociation association) where TKey : notnull
    {
        if (!table.TryGetValue(key, out var all))
            table.Add(key, all = []);
        all.Add(association);
    }

    private static void Remove<TKey>(Dictionary<TKey, HashSet<DatagramAssociation>> table, TKey key, DatagramAssociation association) where TKey : notnull
    {
        if (table.TryGetValue(key, out var all) && all.Remove(association) && all.Count == 0)
            table.Remove(key);
    }

    private void Forget(DatagramAssociation association)
    {
        if (!_sockets.Remove(association, out var socketId))
            return;
        if (socketId == 0)
            Remove(_byPort, association.Client.Port, association);
        else
            Remove(_bySocket, socketId, association);
    }
}
