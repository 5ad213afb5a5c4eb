using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Bench;

/// <summary>
/// One packet of an established flow among 10,000: what the fast path costs, and its parts. The addresses are put back after each rewrite (12 bytes),
/// so that every packet is a hit; the incremental update does not care that its checksum is not the first one's.
/// </summary>
[MemoryDiagnoser]
[MinColumn]
public class TranslateBenchmarks
{
    private const int Flows = 10_000;
    private readonly FlowTable _table = new();
    private readonly RedirectEngine _engine = new(new AllForeign());
    private byte[] _out = [];
    private byte[] _back = [];
    private byte[] _datagramOut = [];
    private byte[] _datagramBack = [];
    private FlowKey _key;

    /// <summary>IP length; 65,000 is a GSO packet, whose checksum is left to the card and has to be computed in full.</summary>
    [Params(64, 1500, 65_000)]
    public int Length { get; set; }

    private ChecksumState Checksums => Length > 1500 ? ChecksumState.IpHeader : ChecksumState.Valid;

    [GlobalSetup]
    public void Setup()
    {
        List<EngineAction> actions = [];
        for (var i = 0; i < Flows; i++)
        {
            var client = new PacketEndpoint(SamplePacket.Client.Address, (ushort)(1024 + i));
            var address = new DivertAddress { Checksums = ChecksumState.Valid };
            _engine.Decide(SamplePacket.Tcp(client, SamplePacket.Peer, 60, TcpFlags.Syn), ref address, 0, actions);
            _engine.Connected(actions[^1].Flow!, SamplePacket.Inside, client, 0, []);
            _table.Add(actions[^1].Flow!.Outbound);
            actions.Clear();
            OpenDatagrams(client);
        }
        _out = SamplePacket.Tcp(SamplePacket.Client, SamplePacket.Peer, Length, TcpFlags.Ack);
        _back = SamplePacket.Tcp(SamplePacket.Inside, SamplePacket.Client, Length, TcpFlags.Ack);
        _datagramOut = SamplePacket.Udp(SamplePacket.Client, SamplePacket.Peer, Length);
        _datagramBack = SamplePacket.Udp(SamplePacket.Inside, SamplePacket.Client, Length);
        _key = FlowKey.Of(new PacketView(_out), PacketDirection.Outbound);
    }

    [Benchmark]
    public int Parse() => new PacketView(_out).PayloadOffset;

    [Benchmark]
    public bool LookUp() => _table.TryFind(_key, out _);

    [Benchmark(Description = "NAT out")]
    public PacketVerdict TranslateOut() => Translate(_out, PacketDirection.Outbound, 12);

    [Benchmark(Description = "NAT back")]
    public PacketVerdict TranslateBack() => Translate(_back, PacketDirection.Inbound, 12);

    [Benchmark(Description = "UDP out")]
    public PacketVerdict DatagramOut() => Translate(_datagramOut, PacketDirection.Outbound, 12);

    [Benchmark(Description = "UDP back")]
    public PacketVerdict DatagramBack() => Translate(_datagramBack, PacketDirection.Inbound, 12);

    /// <summary>As many as may be: what is over that pushes the first ones out.</summary>
    private void OpenDatagrams(PacketEndpoint client)
    {
        if (_engine.Datagrams.Associations.Count >= FlowLimits.MostAssociations)
            return;
        List<EngineAction> actions = [];
        var address = new DivertAddress { Checksums = ChecksumState.Valid };
        _engine.Decide(SamplePacket.Udp(client, SamplePacket.Peer, 60), ref address, 0, actions);
        var flow = actions[^1].Flow!;
        _engine.Datagrams.Mapped(flow, SamplePacket.Inside, client, 0, []);
        flow.Open();
    }

    private PacketVerdict Translate(byte[] packet, PacketDirection direction, int endpoints)
    {
        ref var ends = ref Unsafe.As<byte, Ends>(ref packet[endpoints]);
        var before = ends;
        var address = new DivertAddress { Direction = direction, Checksums = Checksums };
        if (!_engine.TryTranslate(packet, ref address, 1, out var verdict) || verdict != PacketVerdict.Rewritten)
            throw new InvalidOperationException("the flow was not found");
        ends = before;
        return verdict;
    }

    /// <summary>Both addresses and both ports of an IPv4 packet without options.</summary>
    [InlineArray(12)]
    private struct Ends
    {
        private byte _first;
    }
}
