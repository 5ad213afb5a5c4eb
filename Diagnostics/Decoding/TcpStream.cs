namespace FwRedirect.Diagnostics.Decoding;

/// <summary>
/// One direction of a TCP connection: puts segments in order, drops what came twice, and steps over what the capture lost. Segments ahead of
/// their turn are kept only where somebody reads the stream.
/// </summary>
internal sealed class TcpStream
{
    /// <summary>Segments that may wait for a missing one. Beyond this the capture has lost it: a receiver's window is full by then.</summary>
    private const int MostWaiting = 256;

    private readonly List<(uint Sequence, ReadOnlyMemory<byte> Data, int Length)> _waiting = [];
    private bool _started;
    private uint _next;
    private uint? _acknowledged;

    /// <summary>Takes a segment. True if all of it was there before: a retransmission.</summary>
    public bool Accept(TcpSegment segment, IStreamDecoder? decoder, List<MessageLine> lines)
    {
        var sequence = segment.Syn ? segment.Sequence + 1 : segment.Sequence;
        if (!_started)
        {
            _started = true;
            _next = sequence;
        }
        else if (segment.Syn && segment.Length == 0)
            return true;
        if (segment.Length == 0)
            return false;
        SkipAcknowledgedGap(decoder, lines);
        var ahead = (int)(sequence - _next);
        if (ahead <= -segment.Length)
            return true;
        if (ahead <= 0 || decoder is null)
        {
            Deliver(sequence, segment.Payload, segment.Length, decoder, lines);
        }
        else
        {
            Wait(sequence, segment.Payload, segment.Length);
            if (_waiting.Count > MostWaiting)
                SkipGap(decoder);
        }
        DeliverWaiting(decoder, lines);
        return false;
    }

    /// <summary>The other side has everything before <paramref name="sequence"/>: what is missing here before it was lost by the capture alone.</summary>
    public void Acknowledge(uint sequence) => _acknowledged = sequence;

    private void Wait(uint sequence, ReadOnlyMemory<byte> data, int length)
    {
        var at = _waiting.FindIndex(w => (int)(w.Sequence - sequence) >= 0);
        if (at >= 0 && _waiting[at].Sequence == sequence && _waiting[at].Length >= length)
            return;
        _waiting.Insert(at < 0 ? _waiting.Count : at, (sequence, data, length));
    }

    private void DeliverWaiting(IStreamDecoder? decoder, List<MessageLine> lines)
    {
        while (_waiting.Count > 0 && (int)(_waiting[0].Sequence - _next) <= 0)
        {
            var (sequence, data, length) = _waiting[0];
            _waiting.RemoveAt(0);
            if ((int)(sequence + (uint)length - _next) > 0)
                Deliver(sequence, data, length, decoder, lines);
        }
    }

    private void Deliver(uint sequence, ReadOnlyMemory<byte> data, int length, IStreamDecoder? decoder, List<MessageLine> lines)
    {
        var known = Math.Max(0, (int)(_next - sequence));
        if (known < data.Length)
            decoder?.Append(data.Span[known..], lines);
        if (data.Length < length)
            decoder?.Gap();
        _next = sequence + (uint)length;
    }

    private void SkipAcknowledgedGap(IStreamDecoder? decoder, List<MessageLine> lines)
    {
        if (_waiting.Count == 0 || _acknowledged is not { } sequence || (int)(sequence - _waiting[0].Sequence) <= 0)
            return;
        SkipGap(decoder);
        DeliverWaiting(decoder, lines);
    }

    private void SkipGap(IStreamDecoder? decoder)
    {
        decoder?.Gap();
        _next = _waiting[0].Sequence;
    }
}
