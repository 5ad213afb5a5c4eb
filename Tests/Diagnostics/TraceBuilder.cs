using System.Net;
using System.Text;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.Diagnostics.Capture;
using FwRedirect.Diagnostics.Decoding;
using FwRedirect.Diagnostics.Rendering;

namespace FwRedirect.Tests.Diagnostics;

/// <summary>A capture file in the making: connections with running sequence numbers, a millisecond between packets.</summary>
internal sealed class TraceBuilder
{
    private readonly MemoryStream _file = new();
    private readonly PcapWriter _writer;
    private readonly Dictionary<(IPEndPoint, IPEndPoint), uint> _sequence = [];
    private uint _milliseconds;

    public TraceBuilder() => _writer = new PcapWriter(_file, LinkType.Raw, 262_144);

    public byte[] File => _file.ToArray();

    public void Raw(byte[] packet, int? captured = null)
    {
        _milliseconds++;
        _writer.Write(1_700_000_000 + (_milliseconds / 1000), _milliseconds % 1000 * 1000, packet.AsSpan(0, captured ?? packet.Length), packet.Length);
    }

    public void Udp(string from, string to, byte[] payload) => Raw(PacketBytes.Udp(IPEndPoint.Parse(from), IPEndPoint.Parse(to), payload));

    public void Handshake(string from, string to)
    {
        IPEndPoint client = IPEndPoint.Parse(from), server = IPEndPoint.Parse(to);
        _sequence[(client, server)] = 1000;
        _sequence[(server, client)] = 9000;
        Raw(PacketBytes.Tcp(client, server, 1000, 0, PacketBytes.Syn));
        Raw(PacketBytes.Tcp(server, client, 9000, 1001, PacketBytes.Syn | PacketBytes.Ack));
        _sequence[(client, server)]++;
        _sequence[(server, client)]++;
        Raw(PacketBytes.Tcp(client, server, 1001, 9001, PacketBytes.Ack));
    }

    /// <summary>One segment; returns it, not yet in the file if <paramref name="write"/> is false.</summary>
    public byte[] Segment(string from, string to, ReadOnlySpan<byte> payload, byte flags = PacketBytes.Ack | PacketBytes.Psh, bool write = true)
    {
        IPEndPoint source = IPEndPoint.Parse(from), destination = IPEndPoint.Parse(to);
        var sequence = _sequence.GetValueOrDefault((source, destination), 5000u);
        var packet = PacketBytes.Tcp(source, destination, sequence, _sequence.GetValueOrDefault((destination, source), 5000u), flags, payload);
        _sequence[(source, destination)] = sequence + (uint)payload.Length;
        if (write)
            Raw(packet);
        return packet;
    }

    public void Text(string from, string to, string line) => Segment(from, to, Encoding.Latin1.GetBytes(line + "\r\n"));

    public void Rws(string from, string to, RwsMessage message) => Segment(from, to, RwsPacket.ToArray(message));

    /// <summary>The text form of the whole trace, without the tables.</summary>
    public string[] Lines(DecodeOptions? options = null) => [.. Print(File, options).Split("\n\n")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>The descriptions alone.</summary>
    public string[] Descriptions(DecodeOptions? options = null) => [.. Lines(options).Select(l => l.Split('\t')[2])];

    /// <summary>Each table: its title, then a line a row.</summary>
    public string[][] Tables() => [.. Print(File, null).Split("\n\n").Skip(1).Select(t => t.Split('\n', StringSplitOptions.RemoveEmptyEntries))];

    public static string Print(byte[] file, DecodeOptions? options, bool json = false)
    {
        var text = new StringWriter { NewLine = "\n" };
        ITraceWriter trace = json ? new JsonTrace(text) : new TextTrace(text);
        using var reader = CaptureReader.Open(new MemoryStream(file), "test.pcap");
        var decoder = new PacketDecoder(options ?? DecodeOptions.Default);
        foreach (var packet in CaptureMerge.InOrder([reader]))
        {
            foreach (var line in decoder.Decode(packet))
                trace.Write(line);
        }
        trace.Write(decoder.Summarise());
        return text.ToString();
    }
}
