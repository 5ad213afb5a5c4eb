using System.Net;
using System.Threading.Channels;
using FwRedirect.FirewallHost.Sockets.Echo;

namespace FwRedirect.Tests.FirewallHost.Sockets.Echo;

/// <summary>The outside of a test: what was sent, and whatever comes back.</summary>
internal sealed class FakeEchoSender(IEchoAnswers answers) : IEchoSender
{
    public List<(IPAddress Destination, ushort Sequence, byte TimeToLive, bool DontFragment, byte[] Data)> Sent { get; } = [];

    public Channel<(IPAddress Destination, ushort Sequence, byte TimeToLive, bool DontFragment, byte[] Data)> Next { get; } =
        Channel.CreateUnbounded<(IPAddress, ushort, byte, bool, byte[])>();

    public IEchoAnswers Answers => answers;

    public string Description => "a test";

    public bool TrySend(IPAddress destination, ushort sequence, byte timeToLive, bool dontFragment, ReadOnlyMemory<byte> data)
    {
        var sent = (destination, sequence, timeToLive, dontFragment, data.ToArray());
        lock (Sent)
            Sent.Add(sent);
        Next.Writer.TryWrite(sent);
        return true;
    }

    public void Dispose()
    {
    }
}
