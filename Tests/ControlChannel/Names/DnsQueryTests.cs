using CsCheck;
using FwRedirect.ControlChannel.Names;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Names;

namespace FwRedirect.Tests.ControlChannel.Names;

[TestClass]
public sealed class DnsQueryTests
{
    private static readonly byte[] Cookie = [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8];
    private static readonly byte[] NameServerId = [0, 3, 0, 0];

    [TestMethod]
    public void QueryIsRead()
    {
        var query = Queries.Parse(Queries.Make("FTP.Contoso.com", 1, id: 0xBEEF));
        Assert.AreEqual("FTP.Contoso.com", query.Name);
        Assert.AreEqual(0xBEEF, query.Id);
        Assert.AreEqual(DnsType.A, query.Type);
        Assert.IsTrue(query.RecursionDesired);
        Assert.IsFalse(query.HasEdns);
        Assert.AreEqual(512, query.UdpSize);
        query = Queries.Parse(Queries.Make("x", 28, edns: 4096, dnssecOk: true));
        Assert.IsTrue(query.HasEdns && query.DnssecOk);
        Assert.AreEqual(4096, query.UdpSize);
    }

    [TestMethod]
    [DataRow(2, 0x80, -1, DisplayName = "an answer")]
    [DataRow(5, 2, 1, DisplayName = "two questions")]
    [DataRow(7, 1, 1, DisplayName = "an answer record")]
    [DataRow(12, 0xC0, 1, DisplayName = "compressed")]
    [DataRow(12, 64, 1, DisplayName = "label too long")]
    [DataRow(11, 1, 1, DisplayName = "additional record missing")]
    [DataRow(2, 0x79, 1, DisplayName = "another opcode, which has no question here")]
    public void WhatIsNoQueryIsRefused(int at, int value, int code)
    {
        var message = Queries.Make("ftp.contoso.com", 1, id: 0x1234);
        message[at] = (byte)value;
        if (at == 2 && value == 0x79)
            (message[5], code) = (0, 4);
        Assert.IsFalse(DnsQuery.TryParse(message, out _));
        var answer = DnsQuery.AnswerToMalformed(message);
        Assert.AreEqual(code, answer is null ? -1 : answer[3] & 15);
        if (answer is not null)
            CollectionAssert.AreEqual(new byte[] { 0x12, 0x34 }, answer[..2]);
    }

    [TestMethod]
    public void SilenceIsTheAnswerToLessThanAHeader() => Assert.IsNull(DnsQuery.AnswerToMalformed(new byte[11]));

    [TestMethod]
    public void AQueryLongerThanAMessageCarriesIsRefused() =>
        Assert.IsFalse(DnsQuery.TryParse(Queries.Make("a.b", 1, edns: 1232, options: [0, 65, 0x10, 0, .. new byte[RwsLimits.DnsQuery]]), out _));

    [TestMethod]
    [DataRow((ushort)1, (ushort)3, (byte)0, DnsResponseCode.Refused, DisplayName = "class CH")]
    [DataRow((ushort)1, (ushort)255, (byte)0, DnsResponseCode.Refused, DisplayName = "class ANY")]
    [DataRow((ushort)252, (ushort)1, (byte)0, DnsResponseCode.Refused, DisplayName = "AXFR")]
    [DataRow((ushort)41, (ushort)1, (byte)0, DnsResponseCode.FormatError, DisplayName = "OPT")]
    [DataRow((ushort)1, (ushort)1, (byte)0x28, DnsResponseCode.NotImplemented, DisplayName = "opcode UPDATE")]
    [DataRow((ushort)255, (ushort)1, (byte)0, null, DisplayName = "type ANY")]
    public void WhatIsNotLookedUpHasItsCode(ushort type, ushort queryClass, byte opcode, object? code)
    {
        var message = Queries.Make("contoso.com", type, queryClass: queryClass);
        message[2] |= opcode;
        Assert.AreEqual((DnsResponseCode?)code, Queries.Parse(message).Refusal);
    }

    [TestMethod]
    public void AnUnknownEdnsVersionIsSaidToBeUnknown()
    {
        var message = Queries.Make("contoso.com", 1, edns: 1232);
        message[^5] = 1;
        var query = Queries.Parse(message);
        Assert.AreEqual(DnsResponseCode.BadVersion, query.Refusal);
        var answer = new DnsAnswerWriter(query).Finish(DnsResponseCode.BadVersion);
        Assert.AreEqual((0, 1, 0), (answer[3] & 15, answer[^6], answer[^5]), "low bits, extended bits, our version");
    }

    [TestMethod]
    public void ARelayedQueryKeepsWhatConcernsItsAnswer()
    {
        var message = Queries.Make("_sip._tcp.CONTOSO.com", Queries.Srv, id: 0xBEEF, edns: 4096, dnssecOk: true, options: [.. Cookie, .. NameServerId]);
        message[3] = 0x30;
        var relayed = Queries.Parse(message).ToRelay();
        CollectionAssert.AreEqual(new byte[] { 0, 0, 0x01, 0x30 }, relayed[..4], "id 0; RD, AD, CD");
        var again = Queries.Parse(relayed);
        Assert.AreEqual("_sip._tcp.CONTOSO.com", again.Name);
        Assert.IsTrue(again.DnssecOk && again.CheckingDisabled && again.HasEdns);
        Assert.AreEqual(1232, again.UdpSize);
        CollectionAssert.AreEqual(NameServerId, again.Options.ToArray());
        Assert.IsFalse(Queries.Parse(Queries.Parse(Queries.Make("a.b", 1)).ToRelay()).HasEdns);
    }

    [TestMethod]
    public void NothingThrows() =>
        Gen.Select(Gen.Int[0, 70], Gen.Select(Gen.Int[0, 69], Gen.Byte).Array[0, 5]).Sample(
            (length, changes) =>
            {
                var message = Queries.Make("ftp.contoso.com", 1, edns: 1232, options: Cookie);
                foreach (var (at, value) in changes)
                    message[at % message.Length] = value;
                var part = message.AsSpan(0, Math.Min(length, message.Length));
                if (!DnsQuery.TryParse(part, out var query))
                {
                    _ = DnsQuery.AnswerToMalformed(part);
                    return;
                }
                Assert.IsLessThanOrEqualTo(query.UdpSize, DnsAnswer.NoData(query).Length);
                if (query.Opcode == 0)
                    Assert.IsTrue(DnsQuery.TryParse(query.ToRelay(), out _));
            },
            iter: 50_000);
}
