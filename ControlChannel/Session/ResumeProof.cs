using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Session;

/// <summary>HMAC-SHA256 with the session's secret over whose word it is, the session, the firewall's nonce of this connection, and the count that is claimed.</summary>
internal static class ResumeProof
{
    private const string ClientLabel = "RWS resume ";
    private const string FirewallLabel = "RWS resumed";

    public static byte[] OfClient(ReadOnlySpan<byte> secret, uint session, ReadOnlySpan<byte> nonce, uint received) => Make(ClientLabel, secret, session, nonce, received);

    public static byte[] OfFirewall(ReadOnlySpan<byte> secret, uint session, ReadOnlySpan<byte> nonce, uint received) => Make(FirewallLabel, secret, session, nonce, received);

    /// <summary>Without telling by its time how much of it is right.</summary>
    public static bool Equal(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => CryptographicOperations.FixedTimeEquals(one, other);

    //  label      11 bytes of ASCII
    //  session    u32
    //  nonce      32 bytes
    //  received   u32
    private static byte[] Make(string label, ReadOnlySpan<byte> secret, uint session, ReadOnlySpan<byte> nonce, uint received)
    {
        Span<byte> text = stackalloc byte[ClientLabel.Length + 4 + RwsLimits.ResumeSecret + 4];
        var at = Encoding.ASCII.GetBytes(label, text);
        BinaryPrimitives.WriteUInt32LittleEndian(text[at..], session);
        nonce.CopyTo(text[(at + 4)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(text[^4..], received);
        return HMACSHA256.HashData(secret, text);
    }
}
