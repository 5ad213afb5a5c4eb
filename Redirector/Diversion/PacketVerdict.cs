namespace FwRedirect.Redirector.Diversion;

/// <summary>What becomes of a diverted packet.</summary>
public enum PacketVerdict : byte
{
    /// <summary>Goes on as it came, byte for byte.</summary>
    Pass,

    /// <summary>Goes on with the bytes that the batch holds now; its checksums are complete.</summary>
    Rewritten,

    /// <summary>Is gone.</summary>
    Drop,

    /// <summary>Stays with the diverter until its address is given to <see cref="IPacketDiverter.Send"/> or <see cref="IPacketDiverter.Drop"/>; the engine keeps a copy of the bytes.</summary>
    Hold,
}
