using System.Net;

namespace FwRedirect.FirewallHost.Sockets.Echo;

/// <summary>Sends echo requests outside; what comes of them goes to the <see cref="IEchoAnswers"/> that it was made with.</summary>
internal interface IEchoSender : IDisposable
{
    /// <summary>How it does it, for the log.</summary>
    string Description { get; }

    /// <summary>False where the system would not take it: it is lost, as on a network.</summary>
    bool TrySend(IPAddress destination, ushort sequence, byte timeToLive, bool dontFragment, ReadOnlyMemory<byte> data);
}
