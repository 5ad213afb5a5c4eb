using System.Buffers.Binary;
using System.Net;
using FwRedirect.Diagnostics.Capture;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>Packets in, lines out; and at the end the tables. Holds the state of one trace. Nothing that a packet contains makes it throw.</summary>
internal sealed class PacketDecoder(DecodeOptions options)
{
    private readonly Dictionary<EndpointPair, TcpConversation> _conversations = [];
    private readonly DecodeContext _context = new(options);
    private readonly ConversationLog _log = new();
    private long _number;

    /// <summary>At least one line for every packet.</summary>
    public IReadOnlyList<DecodedLine> Decode(CapturedPacket packet)
    {
        _number++;
        var frame = LinkLayer.Strip(packet);
        var wireLength = packet.OriginalLength - (packet.Data.Length - frame.Payload.Length);
        if (frame.EtherType is NetworkFrame.IPv4 or NetworkFrame.IPv6)
        {
            return IpPacket.TryParse(frame.Payload, wireLength, out var ip)
                ? Network(packet.Time, ip)
                : One(packet.Time, frame.Source, frame.Destination, $"{(frame.EtherType == NetworkFrame.IPv4 ? "IPv4" : "IPv6")}:Damaged header, Len={wireLength}");
        }
        if (frame.EtherType == NetworkFrame.Arp && AddressResolution.TryDescribe(frame.Payload.Span, out var source, out var destination, out var text))
            return One(packet.Time, source, destination, text);
        var type = frame.EtherType switch
        {
            NetworkFrame.Arp => "ARP:Damaged packet",
            NetworkFrame.Unknown => $"Link:Type {(int)packet.LinkType}",
            < 0x0600 => "Ethernet:IEEE 802.3 frame",
            var other => $"Ethernet:EtherType=0x{other:X4}",
        };
        return One(packet.Time, frame.Source, frame.Destination, $"{type}, Len={wireLength}");
    }

    /// <summary>The article's two tables, for all packets so far.</summary>
    public SummaryTables Summarise() => SummaryTables.From(_context, _log);

    private IReadOnlyList<DecodedLine> Network(DateTimeOffset time, IpPacket ip)
    {
        string source = ip.Source.ToString(), destination = ip.Destination.ToString();
        if (ip.Fragment is { } piece)
        {
            var more = piece.More ? ", More fragments" : "";
            return One(time, source, destination,
                $"IPv{ip.Version}:Fragment, Id=0x{piece.Id:X4}, Offset={piece.Offset}{more}, Protocol={ip.Protocol}, Len={ip.PayloadLength}");
        }
        if (ip.Protocol == 6 && TcpSegment.TryParse(ip, out var segment))
            return Tcp(time, segment);
        if (ip.Protocol == 17 && ip.Payload.Length >= 8)
            return Udp(time, ip);
        var text = ip.Protocol is 1 or 58 ? InternetControl.Describe(ip) : $"IPv{ip.Version}:Protocol={ip.Protocol}, Len={ip.PayloadLength}";
        return One(time, source, destination, text);
    }

    private List<DecodedLine> Tcp(DateTimeOffset time, TcpSegment segment)
    {
        var ends = new EndpointPair(segment.Source, segment.Destination);
        if (!_conversations.TryGetValue(ends, out var conversation) || conversation.IsReopenedBy(segment))
        {
            var opener = segment.Syn ? (segment.Ack ? segment.Destination : segment.Source) : LikelyOpener(ends);
            conversation = new TcpConversation(ends, opener, segment.Syn && !segment.Ack ? segment.Sequence : segment.Acknowledgment - 1, _context);
            _conversations[ends] = conversation;
            _log.Add("TCP", opener, opener.Equals(segment.Source) ? segment.Destination : segment.Source);
        }
        var (messages, again) = conversation.Accept(segment);
        var lines = new List<DecodedLine>(messages.Count);
        foreach (var message in messages)
        {
            lines.Add(new DecodedLine(_number, time, segment.Source.Address.ToString(), segment.Destination.Address.ToString(), message.Protocol,
                OneLine(message.Text), (segment.Source, segment.Destination), again, message.Rws));
        }
        return lines;
    }

    /// <summary>Without a SYN in the capture: clients do not send from the control port, and have the higher port otherwise.</summary>
    private IPEndPoint LikelyOpener(EndpointPair ends) => options.ControlPorts.Contains(ends.High.Port) ? ends.Low : ends.High;

    private DecodedLine[] Udp(DateTimeOffset time, IpPacket ip)
    {
        var span = ip.Payload.Span;
        var source = new IPEndPoint(ip.Source, BinaryPrimitives.ReadUInt16BigEndian(span));
        var destination = new IPEndPoint(ip.Destination, BinaryPrimitives.ReadUInt16BigEndian(span[2..]));
        var dns = source.Port == DnsMessage.Port || destination.Port == DnsMessage.Port;
        _log.Add("UDP", source.Port == DnsMessage.Port ? destination : source, source.Port == DnsMessage.Port ? source : destination);
        var text = dns
            ? DnsMessage.Describe(span[8..])
            : $"UDP:SrcPort={source.Port}, DstPort={destination.Port}, Len={ip.PayloadLength - 8}";
        return One(time, ip.Source.ToString(), ip.Destination.ToString(), text, (source, destination));
    }

    private DecodedLine[] One(DateTimeOffset time, string source, string destination, string text, (IPEndPoint, IPEndPoint)? ports = null)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return [new DecodedLine(_number, time, source, destination, text[..colon], OneLine(text), ports)];
    }

    /// <summary>Names and replies come from peers: no control character of theirs reaches a terminal or breaks a line.</summary>
    private static string OneLine(string text) =>
        text.AsSpan().ContainsAnyInRange('\0', '\u001F') || text.AsSpan().ContainsAnyInRange('\u007F', '\u009F')
            ? string.Create(text.Length, text, static (to, from) =>
            {
                for (var i = 0; i < to.Length; i++)
                    to[i] = char.IsControl(from[i]) ? '?' : from[i];
            })
            : text;
}
