using System.Net;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>The listening ends of FTP data connections that control connections announced.</summary>
internal sealed class FtpDataEndpoints
{
    /// <summary>The port that an active server connects from (RFC 959 5.2).</summary>
    public const int ServerDataPort = 20;

    private readonly Dictionary<IPEndPoint, bool> _announced = [];

    /// <param name="listener">Where the other side shall connect to.</param>
    /// <param name="client">True if the FTP client listens there (PORT), false for the server (PASV).</param>
    public void Add(IPEndPoint listener, bool client) => _announced[listener] = client;

    /// <summary>The FTP client's end of a connection if that is a data connection; else null.</summary>
    public IPEndPoint? ClientOf(IPEndPoint source, IPEndPoint destination, FirewallFlow? leg)
    {
        if (leg is not null)
        {
            var known = leg.Server.Port == ServerDataPort || _announced.ContainsKey(leg.Server) || _announced.ContainsKey(leg.Outside) || _announced.ContainsKey(leg.Client);
            if (!known)
                return null;
            return Equals(source, leg.Client) || Equals(destination, leg.Client) ? leg.Client : leg.Outside;
        }
        if (_announced.TryGetValue(destination, out var client))
            return client ? destination : source;
        if (_announced.TryGetValue(source, out client))
            return client ? source : destination;
        return source.Port == ServerDataPort ? destination : destination.Port == ServerDataPort ? source : null;
    }
}
