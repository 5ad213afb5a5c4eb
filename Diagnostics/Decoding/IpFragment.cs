namespace FwRedirect.Diagnostics.Decoding;

/// <summary>Which piece of which datagram a packet is. Fragments are named, not put together: nothing that the decoder reads is sent in pieces by a sane stack.</summary>
/// <param name="Offset">In bytes.</param>
/// <param name="Id">The same for all pieces of a datagram.</param>
/// <param name="More">False for the last piece.</param>
internal sealed record IpFragment(uint Id, int Offset, bool More);
