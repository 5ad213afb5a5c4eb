using System.Net.Sockets;

namespace FwRedirect.FirewallHost.Relay;

/// <summary>
/// TCP's urgent data (MSG_OOB): one byte of the stream that is marked. The relayed sockets take it in its place (SO_OOBINLINE, RelayedSocket), since as data of its own it
/// would wake nobody here; what stands at the mark goes on as urgent again. Only Linux says so in this way: elsewhere the byte goes on unmarked, and none is lost.
/// </summary>
internal sealed class UrgentData(Socket source)
{
    private readonly byte[] _answer = new byte[sizeof(int)];

    /// <summary>True where the next byte is urgent (sockatmark); a read never goes beyond the mark.</summary>
    public bool IsNext => OperatingSystem.IsLinux() && source.IOControl(IOControlCode.OobDataRead, null, _answer) > 0 && BitConverter.ToInt32(_answer) != 0;
}
