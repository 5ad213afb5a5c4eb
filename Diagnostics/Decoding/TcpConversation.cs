using System.Net;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>
/// One TCP connection in the capture. What it carries is decided at its first payload, and not at its SYN: by then the control channel, which announces redirected
/// connections before they are made, has been read whatever the order of the packets in the file.
/// </summary>
internal sealed class TcpConversation(EndpointPair ends, IPEndPoint opener, uint firstSequence, DecodeContext context)
{
    private readonly TcpStream _fromOpener = new();
    private readonly TcpStream _toOpener = new();
    private readonly List<MessageLine> _messages = [];
    private IStreamDecoder? _openerDecoder;
    private IStreamDecoder? _otherDecoder;
    private IPEndPoint? _dataClient;
    private bool _directData;
    private bool _decided;

    /// <summary>True if this SYN opens another connection between the same ends.</summary>
    public bool IsReopenedBy(TcpSegment segment) => segment.Syn && !segment.Ack && (segment.Sequence != firstSequence || !segment.Source.Equals(opener));

    /// <summary>What the segment completes, or the line of the segment itself; the second value is true for a retransmission.</summary>
    public (IReadOnlyList<MessageLine> Lines, bool Retransmission) Accept(TcpSegment segment)
    {
        if (segment.Length > 0 && !_decided)
            Decide();
        var (stream, other, decoder) = segment.Source.Equals(opener)
            ? (_fromOpener, _toOpener, _openerDecoder)
            : (_toOpener, _fromOpener, _otherDecoder);
        _messages.Clear();
        var again = stream.Accept(segment, decoder, _messages);
        if (segment.Ack)
            other.Acknowledge(segment.Acknowledgment);
        if (segment.Length > 0 && !again && _dataClient is not null && !segment.Rst)
            _messages.Add(new MessageLine("FTP", DataLine(segment)));
        if (_messages.Count == 0 || segment.Fin || segment.Rst || again)
            _messages.Add(new MessageLine("TCP", segment.Describe(again)));
        return (_messages, again);
    }

    private void Decide()
    {
        _decided = true;
        var other = opener.Equals(ends.Low) ? ends.High : ends.Low;
        if (context.Options.ControlPorts.Contains(ends.Low.Port) || context.Options.ControlPorts.Contains(ends.High.Port))
        {
            (_openerDecoder, _otherDecoder) = (new RwsStream(context.Flows), new RwsStream(context.Flows));
            return;
        }
        var leg = context.Flows.Find(ends);
        if (FtpRoles.ControlClient(ends, leg) is { } client)
        {
            var server = leg?.Server ?? (client.Equals(opener) ? other : opener);
            var session = new FtpSession(client, server, leg is not null, context.Options.ShowPasswords, context.FtpData);
            (_openerDecoder, _otherDecoder) = (new FtpStream(session, client.Equals(opener)), new FtpStream(session, !client.Equals(opener)));
        }
        else if (other.Port == DnsMessage.Port || opener.Port == DnsMessage.Port)
        {
            (_openerDecoder, _otherDecoder) = (new DnsStream(), new DnsStream());
        }
        else
        {
            _dataClient = context.FtpData.ClientOf(opener, other, leg);
            _directData = leg is null;
        }
    }

    private string DataLine(TcpSegment segment)
    {
        var toClient = segment.Destination.Equals(_dataClient);
        if (_directData)
            return $"FTP: Data transfer to {(toClient ? "client" : "server")}";
        return $"FTP:Data Transfer To {(toClient ? "Client" : "Server")},DstPort = {segment.Destination.Port},size = {segment.Length} bytes";
    }
}
