using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Processes;

/// <summary>From a flow to its process and user. Asked once a flow, never for a packet of a decided one. Callable from any thread.</summary>
internal interface IProcessLookup : IDisposable
{
    /// <summary>
    /// The process that has the socket of this flow; null where there is none any more. May read files, and may wait a moment for the socket event that tells.
    /// </summary>
    /// <param name="protocol">IP protocol number: 6 TCP, 17 UDP.</param>
    /// <param name="local">The program's own end.</param>
    /// <param name="remote">The peer as the program sees it.</param>
    ValueTask<ProcessInfo?> FindAsync(byte protocol, PacketEndpoint local, PacketEndpoint remote);

    /// <summary>The process by its id; null where it is gone and was never seen. May read files.</summary>
    ProcessInfo? Find(int processId);

    /// <summary>
    /// To be told of every socket event, in order, so that a process that lives for milliseconds still has a name when it is asked for. Packets wait for the
    /// caller: does not block.
    /// </summary>
    void Observe(in SocketEvent socketEvent);
}
