using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Engine;

/// <summary>The engine's UDP: as <see cref="EngineFixture"/>, and flows are opened where the engine asks for it.</summary>
internal sealed class DatagramFixture
{
    public static readonly PacketEndpoint Client = Raw.At("192.168.0.2:5060");
    public static readonly PacketEndpoint Peer = Raw.At("131.107.0.21:3478");
    public static readonly PacketEndpoint Inside = Raw.At("192.168.0.1:6789");

    private readonly EngineFixture _fixture = new();

    public RedirectEngine Engine => _fixture.Engine;

    public DatagramFlows Flows => _fixture.Engine.Datagrams;

    public List<EngineAction> Actions => _fixture.Actions;

    public long Now => _fixture.Now;

    public PacketVerdict Out(byte[] packet) => _fixture.Out(packet);

    public PacketVerdict Out(byte payload, PacketEndpoint? client = null, PacketEndpoint? peer = null) => Out(Raw.Udp(client ?? Client, peer ?? Peer, [payload]));

    public PacketVerdict In(byte[] packet) => _fixture.In(packet);

    /// <summary>The actions since the last call, carried out as far as they are the engine's own.</summary>
    public EngineAction[] Take()
    {
        var actions = _fixture.Take();
        foreach (var action in actions.Where(a => a.Kind == EngineActionKind.OpenFlow))
            action.Flow!.Open();
        return actions;
    }

    public EngineAction[] Tick(long milliseconds)
    {
        _fixture.Tick(milliseconds).ToList().ForEach(Actions.Add);
        return Take();
    }

    /// <summary>A first datagram, and the flow that the firewall is asked for.</summary>
    public Flow Ask(byte payload = 1, PacketEndpoint? client = null, PacketEndpoint? peer = null)
    {
        Assert.AreEqual(PacketVerdict.Drop, Out(payload, client, peer));
        return Take().Single(a => a.Kind == EngineActionKind.RequestConnect).Flow!;
    }

    public EngineAction[] Mapped(Flow flow, PacketEndpoint? inside = null, PacketEndpoint? seenAs = null)
    {
        Assert.IsTrue(Flows.Mapped(flow, inside ?? Inside, seenAs ?? flow.Client, Now, Actions));
        return Take();
    }

    /// <summary>A flow that both sides have used, of an association that the firewall knows.</summary>
    public Flow Open(PacketEndpoint? client = null, PacketEndpoint? peer = null, PacketEndpoint? inside = null, PacketEndpoint? seenAs = null)
    {
        var flow = Ask(1, client, peer);
        flow.Association!.Owner = this;
        Mapped(flow, inside, seenAs);
        return flow;
    }

    /// <summary>The payloads of what was sent.</summary>
    public static byte[][] Payloads(IEnumerable<EngineAction> actions) =>
        [.. actions.Where(a => a.Kind == EngineActionKind.SendPacket).Select(a => new PacketView(a.Packet!).PayloadBytes.ToArray())];

    /// <summary>Type and code of the one ICMP error among <paramref name="actions"/>; it quotes a datagram of <paramref name="client"/> to <paramref name="peer"/>.</summary>
    public static (byte Type, byte Code) Icmp(IEnumerable<EngineAction> actions, PacketEndpoint client, PacketEndpoint peer)
    {
        var answer = actions.Single(a => a.Kind == EngineActionKind.SendPacket);
        var view = new PacketView(answer.Packet!);
        Assert.AreEqual(IpProtocol.Icmp, view.Protocol);
        Assert.AreEqual(PacketDirection.Inbound, answer.Address.Direction);
        Assert.AreEqual(client.Address, view.Destination.Address);
        var quote = view.PayloadBytes;
        var ports = quote[20..24].ToArray();
        Assert.AreEqual((client.IPv4, peer.IPv4), (Read(quote[12..]), Read(quote[16..])));
        Assert.AreEqual((client.Port, peer.Port), ((ushort)((ports[0] << 8) | ports[1]), (ushort)((ports[2] << 8) | ports[3])));
        return (view.Transport[0], view.Transport[1]);

        static uint Read(ReadOnlySpan<byte> bytes) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }
}
