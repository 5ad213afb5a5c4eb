using System.Text;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>One direction of an FTP control connection: bytes to lines, and the lines of one reply to one text.</summary>
internal sealed class FtpStream(FtpSession session, bool fromClient) : IStreamDecoder
{
    /// <summary>RFC 959 sets no limit; servers take 512 to 4096 bytes, and what goes on longer is no FTP.</summary>
    private const int LongestLine = 8192;

    /// <summary>Lines of one reply that are shown; FEAT and HELP have a dozen, a welcome may be endless.</summary>
    private const int MostReplyLines = 32;

    private readonly List<string> _reply = [];
    private readonly StringBuilder _line = new();
    private bool _skipping;
    private bool _opaque;

    public void Append(ReadOnlySpan<byte> bytes, List<MessageLine> lines)
    {
        foreach (var value in bytes)
        {
            if (_opaque || session.Encrypted)
                return;
            if (value == '\n')
                EndLine(lines);
            else if (!_skipping)
                Add(value);
        }
    }

    public void Gap()
    {
        _skipping = true;
        _line.Clear();
        _reply.Clear();
    }

    private void Add(byte value)
    {
        // ABOR comes with Telnet's IAC IP, IAC DM before it (RFC 959 4.1.3): bytes from 240 on, no part of the text.
        if (value >= 240 && _line.Length == 0)
            return;
        if ((value < 32 && value is not ((byte)'\r' or (byte)'\t')) || _line.Length >= LongestLine)
            _opaque = true;
        else
            _line.Append((char)value);
    }

    private void EndLine(List<MessageLine> lines)
    {
        if (_skipping)
        {
            _skipping = false;
            return;
        }
        var line = _line.ToString().TrimEnd('\r').Replace('\r', ' ');
        _line.Clear();
        if (fromClient)
            lines.Add(new MessageLine("FTP", session.Request(line)));
        else
            AddReplyLine(line, lines);
    }

    /// <summary>RFC 959 4.2: "123-" begins a reply of several lines, and "123 " ends it.</summary>
    private void AddReplyLine(string line, List<MessageLine> lines)
    {
        if (_reply.Count < MostReplyLines)
            _reply.Add(line.Trim());
        var first = _reply[0];
        var several = first.Length > 3 && first[3] == '-';
        var last = !several || (line.Length > 3 && line[3] == ' ' && line.AsSpan(0, 3).SequenceEqual(first.AsSpan(0, 3)));
        if (!last)
            return;
        lines.Add(new MessageLine("FTP", session.Reply(string.Join(" / ", _reply))));
        _reply.Clear();
    }
}
