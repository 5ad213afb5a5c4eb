using System.Buffers.Binary;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>What a Connect request for a UDP peer names: the bound socket that the program sends from.</summary>
/// <param name="Socket">The id of that socket's Bind request.</param>
public readonly record struct Association(ObjectId Socket)
{
    public override string ToString() => $"UDP of {Socket}";

    //  Protocol   u8    17
    //  Socket     u32   id of the bound socket
    internal static Association Read(ref RwsReader reader)
    {
        var protocol = reader.ReadByte("Association");
        if (protocol != BindProtocol.Udp)
            RwsFormatException.ThrowValue("Association", $"IP protocol {protocol}", $"{BindProtocol.Udp}");
        return new Association(new ObjectId(reader.ReadUInt32("Association")));
    }

    internal void Write(RwsWriter writer)
    {
        Span<byte> value = stackalloc byte[5];
        value[0] = BindProtocol.Udp;
        BinaryPrimitives.WriteUInt32LittleEndian(value[1..], Socket.Value);
        writer.WriteTag(FieldTag.Association, value, value.Length);
    }
}
