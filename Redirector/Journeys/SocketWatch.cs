using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Journeys;

/// <summary>Which program's socket stands behind which UDP association, so that the socket's close can end it. Thread-safe.</summary>
internal sealed class SocketWatch
{
    /// <summary>A socket may be closed between the moment that it was found and the moment that it is watched: so many closes are remembered for that.</summary>
    private const int Remembered = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, DatagramAssociation> _bySocket = [];
    private readonly Dictionary<PacketEndpoint, DatagramAssociation> _byEndpoint = [];
    private readonly Queue<ulong> _closed = [];
    private readonly HashSet<DatagramAssociation> _closing = [];

    /// <param name="socketId">0 where the system gave no name: then the socket is known by its endpoint.</param>
    /// <param name="association">What ends with it.</param>
    /// <returns>True where the socket has been closed meanwhile.</returns>
    public bool Add(ulong socketId, DatagramAssociation association)
    {
        lock (_gate)
        {
            if (socketId == 0)
                _byEndpoint[association.Client] = association;
            else
                _bySocket[socketId] = association;
            return socketId != 0 && _closed.Contains(socketId);
        }
    }

    /// <summary>What a closed socket takes along; null where it was not watched.</summary>
    /// <param name="socketId">As for <see cref="Add"/>.</param>
    /// <param name="local">The socket's own endpoint, as far as the event tells; its address is zero for a wildcard bind.</param>
    public DatagramAssociation? Close(ulong socketId, PacketEndpoint local)
    {
        lock (_gate)
        {
            _closed.Enqueue(socketId);
            if (_closed.Count > Remembered)
                _closed.Dequeue();
            if (!_bySocket.TryGetValue(socketId, out var association) && local.Port != 0)
            {
                var isWildcard = local.Address == 0 || (local.IsIPv4 && local.IPv4 == 0);
                association = isWildcard ? _byEndpoint.Values.FirstOrDefault(a => a.Client.Port == local.Port) : _byEndpoint.GetValueOrDefault(local);
            }

            if (association is not null)
                _closing.Add(association);
            return association;
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
            if (_byEndpoint.TryGetValue(association.Client, out var byEndpoint) && byEndpoint == association)
                _byEndpoint.Remove(association.Client);
            foreach (var (socketId, watched) in _bySocket)
            {
                if (watched == association)
                    _bySocket.Remove(socketId);
            }
        }
    }
}
