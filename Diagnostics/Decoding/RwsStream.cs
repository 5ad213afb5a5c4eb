using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>
/// One direction of a control channel. Where the stream is not a message (the capture began later, lost something, or the channel is encrypted) it looks for the next
/// signature.
/// </summary>
internal sealed class RwsStream(FirewallFlows flows) : IStreamDecoder
{
    private byte[] _buffer = [];

    public void Append(ReadOnlySpan<byte> bytes, List<MessageLine> lines)
    {
        byte[] joined = [.. _buffer, .. bytes];
        ReadOnlySpan<byte> rest = joined;
        while (Synchronise(ref rest) && TakePacket(ref rest, lines))
        {
        }
        // At most one packet of RwsLimits.PacketLength stays: a header that claims more is not taken for one.
        _buffer = rest.ToArray();
    }

    public void Gap() => _buffer = [];

    /// <summary>Moves to the next signature; false, with only a possible beginning of one left, when there is none.</summary>
    private static bool Synchronise(ref ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOf(RwsHeader.Signature);
        if (at >= 0)
        {
            bytes = bytes[at..];
            return true;
        }
        for (var keep = Math.Min(RwsHeader.Signature.Length - 1, bytes.Length); keep >= 0; keep--)
        {
            if (bytes[^keep..].SequenceEqual(RwsHeader.Signature[..keep]))
            {
                bytes = bytes[^keep..];
                break;
            }
        }
        return false;
    }

    private bool TakePacket(ref ReadOnlySpan<byte> bytes, List<MessageLine> lines)
    {
        try
        {
            var length = RwsPacket.LengthAt(bytes);
            if (length == 0 || length > bytes.Length)
                return false;
            var message = RwsPacket.Read(bytes[..length]);
            flows.Learn(message);
            var text = message.Describe();
            // A leg of the authentication prints as NLMP or GSS-API: the line itself says which protocol it is.
            lines.Add(new MessageLine(text[..Math.Max(0, text.IndexOf(':', StringComparison.Ordinal))], text, message));
            bytes = bytes[length..];
        }
        catch (RwsFormatException defect)
        {
            lines.Add(new MessageLine("RWS", $"RWS:Damaged packet; {defect.Message}"));
            bytes = bytes[RwsHeader.Signature.Length..];
        }
        return true;
    }
}
