using FwRedirect.ControlChannel.Authentication;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>One leg of the authentication, either way: a token of the package that the client chose. Its line in a trace is the token's own.</summary>
/// <param name="Package">"NTLM", "Kerberos" or "Negotiate"; fixed by the client's first leg.</param>
/// <param name="Token">The package's bytes; a secret for logs.</param>
public sealed record Authenticate(string Package, ReadOnlyMemory<byte> Token, bool IsFromFirewall) : RwsMessage
{
    private const int PackageLimit = 32;

    public override OpCode OpCode => OpCode.Authenticate;

    public override bool FromFirewall => IsFromFirewall;

    public override string Describe() => SecurityToken.Describe(Token.Span);

    //  Package   string16
    //  Token     bytes16
    internal static Authenticate ReadBody(ref RwsReader reader, bool fromFirewall) => new(
        reader.ReadString("Package", PackageLimit),
        reader.ReadBytes("Token", RwsLimits.AuthenticationToken).ToArray(),
        fromFirewall);

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteString("Package", Package, PackageLimit);
        writer.WriteBytes("Token", Token.Span, RwsLimits.AuthenticationToken);
    }
}

/// <summary>The firewall knows who it is; requests may follow.</summary>
/// <param name="User">The account as the firewall names it: what rules and logs speak of. Empty where authentication was not asked for.</param>
/// <param name="FinalToken">A last token for the client's side of the exchange (Kerberos with mutual authentication); empty for NTLM.</param>
public sealed record LogonOk(string User, ReadOnlyMemory<byte> FinalToken) : RwsMessage
{
    public override OpCode OpCode => OpCode.LogonOk;

    public override bool FromFirewall => true;

    public override string Describe() => "RWS:Logon OK";

    //  User         string16
    //  FinalToken   bytes16
    internal static LogonOk ReadBody(ref RwsReader reader) => new(
        reader.ReadString("User", RwsLimits.UserName),
        reader.ReadBytes("FinalToken", RwsLimits.AuthenticationToken).ToArray());

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteString("User", User, RwsLimits.UserName);
        writer.WriteBytes("FinalToken", FinalToken.Span, RwsLimits.AuthenticationToken);
    }
}

/// <summary>The firewall does not take the logon; the channel ends behind it.</summary>
/// <param name="Sentence">Why, for a person; never more than an attacker may know.</param>
public sealed record LogonFailure(string Sentence) : RwsMessage
{
    public override OpCode OpCode => OpCode.LogonFailure;

    public override bool FromFirewall => true;

    public override string Describe() => $"RWS:Logon failed: {Sentence}";

    //  Sentence   string16
    internal static LogonFailure ReadBody(ref RwsReader reader) => new(reader.ReadString("Sentence", RwsLimits.Sentence));

    internal override void WriteBody(RwsWriter writer) => writer.WriteSentence(Sentence);
}
