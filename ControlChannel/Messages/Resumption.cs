using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>What a setup request says of resuming: the tagged field Resumption.</summary>
/// <param name="Session">The session that the client comes back to; 0: it begins a new one.</param>
/// <param name="Run">A number that the client's service took at random when it started: what earlier runs have left is nobody's.</param>
public sealed record Resumption(uint Session, uint Run)
{
    private const int Length = 8;

    //  Session   u32
    //  Run       u32
    internal static Resumption Read(ref RwsReader reader) => new(reader.ReadUInt32(nameof(Session)), reader.ReadUInt32(nameof(Run)));

    internal void Write(RwsWriter writer)
    {
        Span<byte> value = stackalloc byte[Length];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(value, Session);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(value[4..], Run);
        writer.WriteTag(FieldTag.Resumption, value, Length);
    }
}
