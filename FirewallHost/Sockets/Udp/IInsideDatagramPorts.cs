using System.Net;

namespace FwRedirect.FirewallHost.Sockets.Udp;

/// <summary>The inside ports that stand for peers.</summary>
internal interface IInsideDatagramPorts : IDisposable
{
    /// <summary>A port that stands for no peer of this client socket; null where there is none, and one has to give way.</summary>
    InsideDatagramPort? TryTake(IPEndPoint client, IPAddress inside);

    /// <summary>Gives it back.</summary>
    void Release(IPEndPoint client, InsideDatagramPort port);

    /// <summary>The client socket is gone, and with it the memory of which port rests.</summary>
    void Forget(IPEndPoint client, IPAddress inside);
}
