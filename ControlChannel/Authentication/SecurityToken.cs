namespace FwRedirect.ControlChannel.Authentication;

/// <summary>The trace line of an authentication token of any of the mechanisms that a control channel can carry.</summary>
public static class SecurityToken
{
    /// <summary>1.2.840.113554.1.2.2 (RFC 4121), as it stands in a GSS-API header.</summary>
    private static ReadOnlySpan<byte> Kerberos => [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02];

    /// <summary>1.2.840.48018.1.2.2: the same mechanism with one digit wrong, which Windows still offers first (MS-SPNG 3.1.5.2).</summary>
    private static ReadOnlySpan<byte> MicrosoftKerberos => [0x06, 0x09, 0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 0x01, 0x02, 0x02];

    /// <summary>1.3.6.1.5.5.2 (RFC 4178).</summary>
    private static ReadOnlySpan<byte> Spnego => [0x06, 0x06, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x02];

    /// <summary>One line without a trailing newline: <c>NLMP:...</c> for NTLM, <c>GSS-API:...</c> for everything else. Never throws.</summary>
    public static string Describe(ReadOnlySpan<byte> token)
    {
        if (NlmpMessage.TryParse(token, out var ntlm))
            return ntlm.Describe();
        var mechanism = token.IndexOf(Kerberos);
        if (mechanism >= 0)
            return $"GSS-API:Kerberos {Leg(token[(mechanism + Kerberos.Length)..])}, {token.Length} bytes";
        if (token.IndexOf(MicrosoftKerberos) >= 0)
            return $"GSS-API:Negotiate offering Kerberos, {token.Length} bytes";
        if (token.IndexOf(Spnego) >= 0)
            return $"GSS-API:Negotiate offer, {token.Length} bytes";
        // 0xA1: NegTokenResp of RFC 4178 4.2.2, the only SPNEGO token without the GSS-API header.
        if (token.Length > 0 && token[0] == 0xA1)
            return $"GSS-API:Negotiate response, {token.Length} bytes";
        return $"GSS-API:Token, {token.Length} bytes";
    }

    /// <summary>RFC 4121 4.1: the two bytes behind the mechanism say which leg it is.</summary>
    private static string Leg(ReadOnlySpan<byte> body) => body switch
    {
        [0x01, 0x00, ..] => "AP-REQ",
        [0x02, 0x00, ..] => "AP-REP",
        [0x03, 0x00, ..] => "KRB-ERROR",
        _ => "token",
    };
}
