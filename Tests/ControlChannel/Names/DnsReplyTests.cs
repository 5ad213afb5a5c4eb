using System.Net;
using ARSoft.Tools.Net.Dns;
using CsCheck;
using FwRedirect.ControlChannel.Names;

namespace FwRedirect.Tests.ControlChannel.Names;

/// <summary>Answers that are handed on as they are.</summary>
[TestClass]
public sealed class DnsReplyTests
{
    private static readonly byte[] Mail = [0, 10, .. Queries.Name("mail.contoso.com")];
    private static readonly byte[] Query = Queries.Make("contoso.com", Queries.Mx, edns: 1232);

    [TestMethod]
    public void EachWhoAskedGetsItsOwnIdCaseAndLifetimes()
    {
        var asked = Queries.Parse(Queries.Make("CONTOSO.com", Queries.Mx, id: 0xBEEF, edns: 1232));
        var answer = DnsReply.For(asked, Queries.Answer(Query, 0, (1, Queries.Mx, 300, Mail), (1, Queries.Mx, 60, Mail)), age: 100);
        var message = DnsMessage.Parse(answer);
        Assert.AreEqual(0xBEEF, message.TransactionID);
        Assert.AreEqual("CONTOSO.com.", message.Questions[0].Name.ToString());
        Assert.IsTrue(message.IsRecursionAllowed && message.IsRecursionDesired && !message.IsTruncated);
        CollectionAssert.AreEqual(new[] { 200, 0 }, message.AnswerRecords.Select(record => record.TimeToLive).ToArray());
        Assert.AreEqual("mail.contoso.com.", ((MxRecord)message.AnswerRecords[0]).ExchangeDomainName.ToString());
    }

    [TestMethod]
    [DataRow(0, 512)]
    [DataRow(800, 800)]
    [DataRow(60_000, 1232)]
    public void WhatDoesNotFitIsTruncatedToNothing(int edns, int most)
    {
        var query = Queries.Make("big.contoso.com", Queries.Txt, edns: (ushort)edns);
        var fixedLength = Queries.Answer(query).Length + 12;
        byte[] fits = Queries.Answer(query, 0, (1, Queries.Txt, 60, new byte[most - fixedLength]));
        byte[] tooLong = Queries.Answer(query, 0, (1, Queries.Txt, 60, new byte[most - fixedLength + 1]));
        var asked = Queries.Parse(query);
        Assert.HasCount(most, DnsReply.For(asked, fits, 0));
        var message = DnsMessage.Parse(DnsReply.For(asked, tooLong, 0));
        Assert.IsTrue(message.IsTruncated);
        Assert.IsEmpty(message.AnswerRecords);
        Assert.AreEqual(edns > 0, message.IsEDnsEnabled);
    }

    [TestMethod]
    public void LifetimeIsTheShortestOfItsRecords() => Assert.AreEqual(
        60u, DnsReply.TimeToLive(Queries.Answer(Query, 0, (1, Queries.Mx, 300, Mail), (2, Queries.Mx, 60, Mail), (3, DnsType.Opt, 5, []))));

    [TestMethod]
    [DataRow(3, 600u, 300u, 300u, DisplayName = "NXDOMAIN: the SOA's minimum")]
    [DataRow(0, 200u, 300u, 200u, DisplayName = "NODATA: the SOA's own lifetime")]
    [DataRow(2, 600u, 300u, 0u, DisplayName = "SERVFAIL")]
    public void AbsenceLivesAsLongAsTheZoneSays(int code, uint ttl, uint minimum, uint expected) =>
        Assert.AreEqual(expected, DnsReply.TimeToLive(Queries.Answer(Query, code, (2, Queries.Soa, ttl, Queries.SoaData(minimum)))));

    [TestMethod]
    public void WhatSaysNothingOfItsLifetimeIsNotKept()
    {
        Assert.AreEqual(0u, DnsReply.TimeToLive(Queries.Answer(Query, 3)), "an absence without SOA");
        var truncated = Queries.Answer(Query, 0, (1, Queries.Mx, 300, Mail));
        truncated[2] |= 0x02;
        Assert.AreEqual(0u, DnsReply.TimeToLive(truncated));
    }

    [TestMethod]
    public void AddressesAreThoseOfTheAnswerSection()
    {
        var answer = Queries.Answer(
            Query, 0, (1, Queries.A, 60, [131, 107, 0, 21]), (1, Queries.Mx, 60, Mail), (1, Queries.Aaaa, 60, IPAddress.Parse("2001:db8::21").GetAddressBytes()),
            (3, Queries.A, 60, [131, 107, 0, 22]));
        CollectionAssert.AreEqual(new[] { IPAddress.Parse("131.107.0.21"), IPAddress.Parse("2001:db8::21") }, DnsReply.Addresses(answer));
    }

    [TestMethod]
    public void OnlyItsOwnQuestionIsAnswered()
    {
        var query = Queries.Parse(Query);
        Assert.IsTrue(query.IsAnsweredBy(Queries.Answer(Queries.Make("Contoso.COM", Queries.Mx))));
        Assert.IsFalse(query.IsAnsweredBy(Queries.Answer(Queries.Make("contoso.net", Queries.Mx))));
        Assert.IsFalse(query.IsAnsweredBy(Queries.Answer(Queries.Make("contoso.com", Queries.Txt))));
        Assert.IsFalse(query.IsAnsweredBy(Query), "a query");
    }

    [TestMethod]
    public void NothingThrows() =>
        Gen.Select(Gen.Int[12, 200], Gen.Select(Gen.Int[0, 199], Gen.Byte).Array[0, 6]).Sample(
            (length, changes) =>
            {
                var message = Queries.Answer(Query, 3, (1, Queries.Mx, 300, Mail), (2, Queries.Soa, 60, Queries.SoaData(60)), (3, DnsType.Opt, 0, []));
                foreach (var (at, value) in changes)
                    message[at % message.Length] = value;
                var part = message.AsSpan(0, Math.Min(length, message.Length));
                _ = DnsReply.Addresses(part);
                _ = DnsText.Question(part) + DnsText.Result(part);
                _ = DnsReply.TimeToLive(part);
                if (Queries.Parse(Query).IsAnsweredBy(part))
                    Assert.HasCount(part.Length, DnsReply.For(Queries.Parse(Query), part, 10));
            },
            iter: 50_000);
}
