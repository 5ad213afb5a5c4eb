namespace FwRedirect.Diagnostics.Decoding;

/// <summary>Reads one direction of a TCP connection as the byte stream that it is.</summary>
internal interface IStreamDecoder
{
    /// <summary>The next bytes, in order. Adds a line for every message that they complete.</summary>
    void Append(ReadOnlySpan<byte> bytes, List<MessageLine> lines);

    /// <summary>Bytes are missing from the capture here: what began before can not be completed.</summary>
    void Gap();
}
