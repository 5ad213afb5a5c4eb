using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace FwRedirect.ControlChannel.Authentication;

/// <summary>
/// What an NTLM token says about its sender: read for traces and logs, never to decide anything. Hashes and keys are not read, so they can not get into a log.
/// Names are empty where the token has none, and cut at <see cref="LongestName"/> characters.
/// </summary>
public sealed record NlmpMessage(NlmpMessageType Type, string Domain, string User, string Workstation)
{
    /// <summary>Characters of a name that are kept. A domain's DNS name has at most 255; more is a damaged or hostile token.</summary>
    public const int LongestName = 256;

    private const uint NegotiateUnicode = 0x0000_0001;

    private static ReadOnlySpan<byte> Signature => "NTLMSSP\0"u8;

    /// <summary>Finds an NTLM message in a token, bare or wrapped in SPNEGO. False if there is none or its fixed part is cut off; never throws.</summary>
    public static bool TryParse(ReadOnlySpan<byte> token, [NotNullWhen(true)] out NlmpMessage? message)
    {
        message = null;
        var start = token.IndexOf(Signature);
        if (start < 0 || token.Length - start < 12)
            return false;
        // Offsets in the message count from its signature, not from the start of the SPNEGO wrapping.
        var ntlm = token[start..];
        var type = (NlmpMessageType)BinaryPrimitives.ReadUInt32LittleEndian(ntlm[8..]);
        message = type switch
        {
            // MS-NLMP 2.2.1.1: names of the first leg are always in the OEM character set.
            NlmpMessageType.Negotiate => new NlmpMessage(type, Name(ntlm, 16, unicode: false), "", Name(ntlm, 24, unicode: false)),
            NlmpMessageType.Challenge => new NlmpMessage(type, Name(ntlm, 12, IsUnicode(ntlm, 20)), "", ""),
            NlmpMessageType.Authenticate => Authenticate(ntlm, IsUnicode(ntlm, 60)),
            _ => null,
        };
        return message is not null;
    }

    /// <summary>The line that the article's analyser prints for this leg; <c>-</c> stands for a name that the token does not carry.</summary>
    public string Describe() => Type switch
    {
        NlmpMessageType.Negotiate => $"NLMP:NTLM NEGOTIATE MESSAGE, Workstation Name: {OrDash(Workstation)}, Workstation Domain: {OrDash(Domain)}",
        NlmpMessageType.Challenge => "NLMP:NTLM CHALLENGE MESSAGE",
        _ => $"NLMP:NTLM AUTHENTICATE MESSAGE, Domain: {OrDash(Domain)}, User: {OrDash(User)}, Workstation: {OrDash(Workstation)}",
    };

    private static NlmpMessage Authenticate(ReadOnlySpan<byte> ntlm, bool unicode) =>
        new(NlmpMessageType.Authenticate, Name(ntlm, 28, unicode), Name(ntlm, 36, unicode), Name(ntlm, 44, unicode));

    private static bool IsUnicode(ReadOnlySpan<byte> ntlm, int flagsAt) =>
        ntlm.Length >= flagsAt + 4 && (BinaryPrimitives.ReadUInt32LittleEndian(ntlm[flagsAt..]) & NegotiateUnicode) != 0;

    /// <summary>A security buffer of MS-NLMP: length (2 bytes), allocated length (2), offset (4), pointing anywhere in the message.</summary>
    private static string Name(ReadOnlySpan<byte> ntlm, int fieldsAt, bool unicode)
    {
        if (ntlm.Length < fieldsAt + 8)
            return "";
        int length = BinaryPrimitives.ReadUInt16LittleEndian(ntlm[fieldsAt..]);
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(ntlm[(fieldsAt + 4)..]);
        if (offset > (uint)ntlm.Length || length > ntlm.Length - (int)offset)
            return "";
        length = Math.Min(length, unicode ? LongestName * 2 : LongestName);
        var bytes = ntlm.Slice((int)offset, length);
        var name = (unicode ? Encoding.Unicode : Encoding.Latin1).GetString(bytes);
        // A line of a trace or log stays one line, whatever the peer put into its name.
        return string.Create(name.Length, name, static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++)
                to[i] = char.IsControl(from[i]) || from[i] is '\u2028' or '\u2029' ? '?' : from[i];
        });
    }

    private static string OrDash(string name) => name.Length == 0 ? "-" : name;
}
