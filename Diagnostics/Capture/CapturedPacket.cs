namespace FwRedirect.Diagnostics.Capture;

/// <summary>One record of a capture.</summary>
/// <param name="Time">When it was seen, UTC, to 100 ns.</param>
/// <param name="LinkType">What its first header is; a number outside the enumeration is legal and prints as such.</param>
/// <param name="Data">The captured bytes, at most the snap length.</param>
/// <param name="OriginalLength">Bytes that were on the wire; more than <paramref name="Data"/> when the snap length cut it.</param>
internal sealed record CapturedPacket(DateTimeOffset Time, LinkType LinkType, ReadOnlyMemory<byte> Data, int OriginalLength);
