using System.Runtime.Versioning;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Processes.Windows;

/// <summary>The system's own tables of sockets: for those older than the service, and for events that were lost. A call copies a whole table.</summary>
[SupportedOSPlatform("windows")]
internal interface ISocketTables
{
    /// <summary>The process that has the socket now; 0 where the table does not tell.</summary>
    int FindOwner(byte protocol, PacketEndpoint local, PacketEndpoint remote);
}
