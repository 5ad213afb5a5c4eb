using CsCheck;
using FwRedirect.ControlChannel.Authentication;

namespace FwRedirect.Tests.ControlChannel.Authentication;

[TestClass]
public sealed class NlmpMessageTests
{
    [TestMethod]
    public void TheThreeLegsReadAsInTheArticle()
    {
        Assert.AreEqual("NLMP:NTLM NEGOTIATE MESSAGE, Workstation Name: CLIENT1, Workstation Domain: CONTOSO",
            SecurityToken.Describe(NlmpTokens.Negotiate("CONTOSO", "CLIENT1")));
        Assert.AreEqual("NLMP:NTLM CHALLENGE MESSAGE", SecurityToken.Describe(NlmpTokens.Challenge("CONTOSO")));
        Assert.AreEqual("NLMP:NTLM AUTHENTICATE MESSAGE, Domain: CONTOSO, User: alice, Workstation: CLIENT1",
            SecurityToken.Describe(NlmpTokens.Authenticate("CONTOSO", "alice", "CLIENT1")));
    }

    [TestMethod]
    public void AMessageInsideSpnegoIsFoundAndItsOffsetsCountFromTheSignature()
    {
        byte[] wrapped = [0xA1, 0x81, 0x90, 0x30, 0x81, 0x8D, 0xA2, 0x81, 0x8A, .. NlmpTokens.Authenticate("CONTOSO", "alice", "CLIENT1")];
        Assert.IsTrue(NlmpMessage.TryParse(wrapped, out var message));
        Assert.AreEqual(new NlmpMessage(NlmpMessageType.Authenticate, "CONTOSO", "alice", "CLIENT1"), message);
    }

    [TestMethod]
    public void MissingNamesAreDashesAndControlCharactersNeverReachTheLine()
    {
        Assert.AreEqual("NLMP:NTLM NEGOTIATE MESSAGE, Workstation Name: -, Workstation Domain: -",
            SecurityToken.Describe(NlmpTokens.Negotiate("", "")));
        Assert.AreEqual("NLMP:NTLM AUTHENTICATE MESSAGE, Domain: D, User: a??b?, Workstation: W",
            SecurityToken.Describe(NlmpTokens.Authenticate("D", "a\r\nb\u2028", "W")));
    }

    [TestMethod]
    public void NamesAreCutAtTheLimit()
    {
        Assert.IsTrue(NlmpMessage.TryParse(NlmpTokens.Authenticate("D", new string('u', 5000), "W"), out var message));
        Assert.AreEqual(NlmpMessage.LongestName, message.User.Length);
    }

    [TestMethod]
    public void OtherMechanismsSayWhatTheyAre()
    {
        byte[] kerberos = [0x60, 0x20, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02, 0x01, 0x00, 0x6E];
        Assert.AreEqual("GSS-API:Kerberos AP-REQ, 16 bytes", SecurityToken.Describe(kerberos));
        Assert.AreEqual("GSS-API:Negotiate response, 3 bytes", SecurityToken.Describe([0xA1, 0x01, 0x00]));
        Assert.AreEqual("GSS-API:Token, 0 bytes", SecurityToken.Describe([]));
    }

    [TestMethod]
    public void NeitherTruncationNorDamageThrows()
    {
        var good = NlmpTokens.Authenticate("CONTOSO", "alice", "CLIENT1");
        for (var length = 0; length <= good.Length; length++)
            Assert.StartsWith(length < 12 ? "GSS-API:" : "NLMP:", SecurityToken.Describe(good.AsSpan(0, length)));
        Gen.Select(Gen.Int[8, good.Length - 1], Gen.Byte).Sample((at, value) =>
        {
            var damaged = good.ToArray();
            damaged[at] = value;
            Assert.DoesNotContain('\n', SecurityToken.Describe(damaged));
        }, iter: 5000);
    }
}
