using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FwRedirect.ControlChannel.Wire;

/// <summary>Writes the fields of one packet; the mirror image of <see cref="RwsReader"/>. A field over its limit is the caller's mistake, not the peer's.</summary>
public readonly ref struct RwsWriter(ArrayBufferWriter<byte> output)
{
    public void WriteByte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(output.GetSpan(2), value);
        output.Advance(2);
    }

    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    public void WriteBytes(string field, ReadOnlySpan<byte> value, int most)
    {
        if (value.Length > most)
            throw new ArgumentException($"{field}: length {value.Length} is over the limit of {most}");
        WriteUInt16((ushort)value.Length);
        output.Write(value);
    }

    public void WriteString(string field, string value, int most) => WriteBytes(field, Encoding.UTF8.GetBytes(value), most);

    /// <summary>A sentence for a person: what is over the limit is cut, so that a long reason never fails the reply that carries it.</summary>
    public void WriteSentence(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        var length = Math.Min(bytes.Length, RwsLimits.Sentence);
        while (length < bytes.Length && (bytes[length] & 0xC0) == 0x80)
            length--; // not inside a character
        WriteUInt16((ushort)length);
        output.Write(bytes.AsSpan(0, length));
    }

    public void WriteAddress(IPAddress address)
    {
        WriteByte(address.AddressFamily == AddressFamily.InterNetwork ? (byte)4 : (byte)6);
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        output.Write(bytes[..length]);
    }

    public void WriteEndpoint(IPEndPoint endpoint)
    {
        WriteAddress(endpoint.Address);
        WriteUInt16((ushort)endpoint.Port);
    }

    /// <summary>A tagged field whose value is one string.</summary>
    public void WriteTag(FieldTag tag, string value, int most)
    {
        WriteUInt16((ushort)tag);
        WriteBytes(tag.ToString(), Encoding.UTF8.GetBytes(value), most);
    }

    /// <summary>A tagged field whose value is so many bytes.</summary>
    public void WriteTag(FieldTag tag, ReadOnlySpan<byte> value, int most)
    {
        WriteUInt16((ushort)tag);
        WriteBytes(tag.ToString(), value, most);
    }

    /// <summary>A tagged field whose value is one address.</summary>
    public void WriteTag(FieldTag tag, IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[17];
        bytes[0] = address.AddressFamily == AddressFamily.InterNetwork ? (byte)4 : (byte)6;
        address.TryWriteBytes(bytes[1..], out var length);
        WriteUInt16((ushort)tag);
        WriteBytes(tag.ToString(), bytes[..(1 + length)], bytes.Length);
    }

    /// <summary>A tagged field whose value is one 32-bit number.</summary>
    public void WriteTag(FieldTag tag, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        WriteUInt16((ushort)tag);
        WriteBytes(tag.ToString(), bytes, bytes.Length);
    }
}
