using System.Buffers.Binary;
using System.Text;

namespace FwRedirect.Tests.ControlChannel.Authentication;

/// <summary>NTLM messages built by hand after MS-NLMP 2.2.1, for tests that need one without a security provider.</summary>
internal static class NlmpTokens
{
    public static byte[] Negotiate(string domain, string workstation) =>
        Build(1, 32, flagsAt: 12, unicode: false, (16, Encoding.Latin1.GetBytes(domain)), (24, Encoding.Latin1.GetBytes(workstation)));

    public static byte[] Challenge(string target) => Build(2, 48, flagsAt: 20, unicode: true, (12, Encoding.Unicode.GetBytes(target)));

    public static byte[] Authenticate(string domain, string user, string workstation) =>
        Build(3, 64, flagsAt: 60, unicode: true, (12, new byte[24]), (20, new byte[24]), (28, Encoding.Unicode.GetBytes(domain)),
            (36, Encoding.Unicode.GetBytes(user)), (44, Encoding.Unicode.GetBytes(workstation)));

    private static byte[] Build(uint type, int fixedLength, int flagsAt, bool unicode, params (int FieldsAt, byte[] Value)[] fields)
    {
        var message = new byte[fixedLength + fields.Sum(f => f.Value.Length)];
        "NTLMSSP\0"u8.CopyTo(message);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), type);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(flagsAt), unicode ? 1u : 2u);
        var offset = fixedLength;
        foreach (var (fieldsAt, value) in fields)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(fieldsAt), (ushort)value.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(fieldsAt + 2), (ushort)value.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(fieldsAt + 4), (uint)offset);
            value.CopyTo(message.AsSpan(offset));
            offset += value.Length;
        }
        return message;
    }
}
