using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Engine;

/// <summary>An engine with the article's addresses, a clock that only the test moves, and the actions of the last call.</summary>
internal sealed class EngineFixture : IDestinationRules
{
    public static readonly PacketEndpoint Client = Raw.At("192.168.0.2:1515");
    public static readonly PacketEndpoint Peer = Raw.At("131.107.0.21:21");
    public static readonly PacketEndpoint Inside = Raw.At("192.168.0.1:6789");

    private ulong _id = 100;

    public EngineFixture() => Engine = new RedirectEngine(this);

    public RedirectEngine Engine { get; }

    public long Now { get; set; } = 1_000_000;

    /// <summary>All actions since the last <see cref="Take"/>.</summary>
    public List<EngineAction> Actions { get; } = [];

    public ulong LastId => _id;

    public bool IsLocal(PacketEndpoint destination) => destination.IPv4 >> 16 == 0xC0A8;

    public EngineAction[] Take()
    {
        var taken = Actions.ToArray();
        Actions.Clear();
        return taken;
    }

    public PacketVerdict Out(byte[] packet) => Through(packet, PacketDirection.Outbound);

    public PacketVerdict In(byte[] packet) => Through(packet, PacketDirection.Inbound);

    /// <summary>Takes a packet the way that the service does: fast path, else gate.</summary>
    public PacketVerdict Through(byte[] packet, PacketDirection direction)
    {
        var address = Address(direction);
        return Engine.TryTranslate(packet, ref address, Now, out var verdict) ? verdict : Engine.Decide(packet, ref address, Now, Actions);
    }

    public DivertAddress Address(PacketDirection direction) =>
        new() { Id = ++_id, InterfaceIndex = 7, SubInterfaceIndex = 3, Direction = direction, Checksums = ChecksumState.Valid };

    public static byte[] Syn(uint seq = 1000, PacketEndpoint? client = null, PacketEndpoint? peer = null) =>
        Raw.Tcp(client ?? Client, peer ?? Peer, TcpFlags.Syn, seq);

    /// <summary>A held SYN and its request.</summary>
    public Flow Pend(uint seq = 1000, PacketEndpoint? client = null, PacketEndpoint? peer = null)
    {
        Assert.AreEqual(PacketVerdict.Hold, Out(Syn(seq, client, peer)));
        return Take().Single(a => a.Kind == EngineActionKind.RequestConnect).Flow!;
    }

    public Flow Connect(uint seq = 1000, PacketEndpoint? client = null, PacketEndpoint? peer = null, PacketEndpoint? inside = null, PacketEndpoint? seenAs = null)
    {
        var flow = Pend(seq, client, peer);
        Assert.IsTrue(Engine.Connected(flow, inside ?? Inside, seenAs ?? flow.Client, Now, Actions));
        return flow;
    }

    /// <summary>Client 1001, peer 5001 are the next sequence numbers after it.</summary>
    public Flow Establish(
        uint seq = 1000, PacketEndpoint? client = null, PacketEndpoint? inside = null, PacketEndpoint? peer = null, PacketEndpoint? seenAs = null)
    {
        var flow = Connect(seq, client, peer, inside, seenAs);
        Rewritten(In(Raw.Tcp(flow.Inside, flow.SeenAs, TcpFlags.Syn | TcpFlags.Ack, 5000, seq + 1)));
        Rewritten(Out(Raw.Tcp(flow.Client, flow.Peer, TcpFlags.Ack, seq + 1, 5001)));
        Assert.AreEqual(FlowState.Established, flow.State);
        Take();
        return flow;
    }

    public void FromProgram(TcpFlags flags, uint seq, uint ack, byte[]? payload = null) =>
        Rewritten(Out(Raw.Tcp(Client, Peer, flags, seq, ack, payload)));

    public void FromFirewall(TcpFlags flags, uint seq, uint ack, byte[]? payload = null) =>
        Rewritten(In(Raw.Tcp(Inside, Client, flags, seq, ack, payload)));

    public EngineAction[] Tick(long milliseconds)
    {
        Now += milliseconds;
        Engine.Tick(Now, Actions);
        return Take();
    }

    public static void Rewritten(PacketVerdict verdict) => Assert.AreEqual(PacketVerdict.Rewritten, verdict);

    public static void Ended(EngineAction[] actions, Flow flow, FlowEnd end)
    {
        Assert.AreEqual(1, actions.Count(a => a.Kind == EngineActionKind.FlowEnded && a.Flow == flow));
        Assert.AreEqual(end, flow.End);
    }
}
