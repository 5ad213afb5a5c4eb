using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion;

/// <summary>
/// Notes redirected flows where a killed service leaves them, so that whoever cleans up after it can end the programs' sockets. Written when a flow is bound
/// and when it ends, never for a packet.
/// </summary>
internal interface IFlowJournal : IDisposable
{
    /// <summary>Notes a flow as the program's socket has it; returns its slot for <see cref="Remove"/>, below 0 when the journal is full (the flow then only lacks this safety).</summary>
    int Add(byte protocol, PacketEndpoint local, PacketEndpoint remote);

    void Remove(int slot);
}
