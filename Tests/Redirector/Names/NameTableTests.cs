using ARSoft.Tools.Net.Dns;
using FwRedirect.ControlChannel.Names;
using FwRedirect.Redirector.Names;
using FwRedirect.Tests.ControlChannel.Names;
using FwRedirect.Tests.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Names;

[TestClass]
public sealed class NameTableTests
{
    private static readonly ResolvedHost Ftp = Hosts.Make("ftp.contoso.com", [], "131.107.0.21", "2001:db8::1");
    private readonly NameTable _table = new();
    private long _now = 1_000_000;
    private ushort _port = 50_000;

    [TestMethod]
    public void TwinQuestionsShareOneLookup()
    {
        var id = Start("ftp.contoso.com", 1);
        Assert.AreEqual(NameAskKind.Wait, Ask("FTP.contoso.com", 28).Kind);
        var replies = _table.Completed(id, Ftp, 60, false, _now);
        Assert.HasCount(2, replies);
        Assert.AreEqual(50_001, replies[0].Origin.Client.Port);
        Assert.HasCount(1, Message(replies[0]).AnswerRecords);
        Assert.AreEqual(50_002, replies[1].Origin.Client.Port);
        Assert.IsEmpty(Message(replies[1]).AnswerRecords);
        Assert.AreEqual(ReturnCode.NoError, Message(replies[1]).ReturnCode);
        Assert.IsEmpty(_table.Completed(id, Ftp, 60, false, _now));
    }

    /// <summary>Also from what is kept: programs are told of IPv6 as it can be reached when they ask, not as it could when the name was looked up.</summary>
    [TestMethod]
    public void IPv6IsAnsweredWhileItIsRedirected()
    {
        var query = Queries.Parse(Queries.Make("a.b", 28));
        var id = _table.Ask(query, default, null, answersIPv6: true, _now).LookupId;
        Assert.HasCount(1, Message(_table.Completed(id, Ftp, 60, answersIPv6: true, _now)[0]).AnswerRecords.OfType<AaaaRecord>());
        foreach (var answers in new[] { false, true })
        {
            var kept = _table.Ask(query, default, null, answers, _now);
            Assert.HasCount(answers ? 1 : 0, DnsMessage.Parse(kept.Answer!).AnswerRecords.OfType<AaaaRecord>());
        }

        id = _table.Ask(Queries.Parse(Queries.Make("c.d", 28)), default, null, answersIPv6: true, _now).LookupId;
        Assert.IsEmpty(Message(_table.Completed(id, Ftp, 60, answersIPv6: false, _now)[0]).AnswerRecords.OfType<AaaaRecord>(), "the road broke while the name was looked up");
    }

    [TestMethod]
    public void ASignedAnswerOfIPv6IsWithheldWhenItCanNotBeReached()
    {
        var query = Queries.Parse(Queries.Make("a.b", 28, edns: 1232, dnssecOk: true));
        var asked = _table.Ask(query, default, null, answersIPv6: true, _now);
        Assert.AreEqual(NameLookupKind.Message, asked.Lookup);
        var answer = Queries.Answer(Queries.Make("a.b", 28, edns: 1232, dnssecOk: true), 0, (1, (ushort)28, 60u, new byte[16]));
        Assert.IsEmpty(Message(_table.Completed(asked.LookupId, answer, answersIPv6: false, _now).Single()).AnswerRecords);
        Assert.HasCount(1, DnsMessage.Parse(_table.Ask(query, default, null, answersIPv6: true, _now).Answer!).AnswerRecords);
    }

    [TestMethod]
    public void EachDuplicateIsAnsweredOnce()
    {
        var id = Start("ftp.contoso.com", 1);
        for (var i = 0; i < 3; i++)
            Assert.AreEqual(NameAskKind.Wait, Ask("ftp.contoso.com", 1).Kind);
        Assert.HasCount(4, _table.Completed(id, Ftp, 60, false, _now));
    }

    [TestMethod]
    public void AnswerIsKeptAndItsTimeToLiveRunsDown()
    {
        _table.Completed(Start("ftp.contoso.com", 1), Ftp, 60, false, _now);
        _now += 20_000;
        var again = Ask("ftp.contoso.com", 1);
        Assert.AreEqual(NameAskKind.AnswerNow, again.Kind);
        Assert.AreEqual(40, DnsMessage.Parse(again.Answer!).AnswerRecords[0].TimeToLive);
        _now += 40_000;
        Assert.AreEqual(NameAskKind.StartLookup, Ask("ftp.contoso.com", 1).Kind);
    }

    [TestMethod]
    public void ProgramsDoNotShareAnswers()
    {
        _table.Completed(Start("ftp.contoso.com", 1, "a"), Ftp, 60, false, _now);
        Assert.AreEqual(NameAskKind.AnswerNow, Ask("ftp.contoso.com", 1, "a").Kind);
        Assert.AreEqual(NameAskKind.StartLookup, Ask("ftp.contoso.com", 1, "b").Kind);
    }

    [TestMethod]
    [DataRow(NameFailure.NotFound, ReturnCode.NxDomain, true)]
    [DataRow(NameFailure.NoData, ReturnCode.NoError, true)]
    [DataRow(NameFailure.Unavailable, ReturnCode.ServerFailure, false)]
    [DataRow(NameFailure.Refused, ReturnCode.Refused, false)]
    public void FailuresAreTold(object failure, ReturnCode code, bool kept)
    {
        var reply = _table.Failed(Start("no.contoso.com", 1), (NameFailure)failure, null, _now).Single();
        Assert.AreEqual(code, Message(reply).ReturnCode);
        Assert.AreEqual(kept ? NameAskKind.AnswerNow : NameAskKind.StartLookup, Ask("no.contoso.com", 28).Kind);
    }

    [TestMethod]
    public void WhoWaitsTooLongIsToldSo()
    {
        var id = Start("slow.contoso.com", 1);
        _now += NameLimits.Deadline - 1;
        Ask("slow.contoso.com", 1);
        Assert.IsEmpty(_table.Tick(_now));
        var late = _table.Tick(_now + 1).Single();
        Assert.AreEqual(ReturnCode.ServerFailure, Message(late).ReturnCode);
        Assert.AreEqual(50_001, late.Origin.Client.Port);
        Assert.HasCount(1, _table.Completed(id, Ftp, 60, false, _now));
        Assert.AreEqual(0, _table.Lookups);
    }

    [TestMethod]
    public void LookupThatNobodyAnswersIsForgotten()
    {
        Start("slow.contoso.com", 1);
        _table.Tick(_now + NameLimits.Lookup);
        Assert.AreEqual(0, _table.Lookups);
    }

    [TestMethod]
    public void OtherOpcodesAndClassesAreNotLookedUp()
    {
        var result = _table.Ask(Queries.Parse(Queries.Make("a.b", 1, queryClass: 3)), default, null, false, _now);
        Assert.AreEqual(ReturnCode.Refused, DnsMessage.Parse(result.Answer!).ReturnCode);
        var update = Queries.Make("a.b", 6);
        update[2] |= 0x28;
        result = _table.Ask(Queries.Parse(update), default, null, false, _now);
        Assert.AreEqual(4, result.Answer![3] & 15);
        Assert.AreEqual(0x28, result.Answer[2] & 0x78, "the opcode comes back");
        Assert.AreEqual(0, _table.Lookups);
    }

    [TestMethod]
    [DataRow("ftp.contoso.com", (ushort)1, false, NameLookupKind.Host)]
    [DataRow("ftp.contoso.com", (ushort)1, true, NameLookupKind.Message)]
    [DataRow("ftp.contoso.com", (ushort)28, true, NameLookupKind.Host, DisplayName = "AAAA stays empty, with DO too")]
    [DataRow("21.0.107.131.in-addr.arpa", (ushort)12, false, NameLookupKind.Address)]
    [DataRow("21.0.107.131.in-addr.arpa", (ushort)12, true, NameLookupKind.Message)]
    [DataRow("107.131.in-addr.arpa", (ushort)12, false, NameLookupKind.Message)]
    [DataRow("contoso.com", (ushort)15, false, NameLookupKind.Message)]
    [DataRow("contoso.com", (ushort)255, false, NameLookupKind.Message)]
    public void EachQuestionGoesItsWay(string name, ushort type, bool dnssecOk, object kind)
    {
        var query = Queries.Parse(Queries.Make(name, type, edns: 1232, dnssecOk: dnssecOk));
        Assert.AreEqual(kind, _table.Ask(query, default, null, false, _now).Lookup);
    }

    [TestMethod]
    public void ARelayedAnswerIsSharedByQuestionsThatAreAlike()
    {
        var first = _table.Ask(Queries.Parse(Queries.Make("contoso.com", Queries.Mx, id: 1)), default, null, false, _now);
        Assert.AreEqual(NameAskKind.StartLookup, first.Kind);
        Assert.AreEqual(NameAskKind.Wait, _table.Ask(Queries.Parse(Queries.Make("CONTOSO.com", Queries.Mx, id: 2)), default, null, false, _now).Kind);
        Assert.AreEqual(NameAskKind.StartLookup, _table.Ask(Queries.Parse(Queries.Make("contoso.com", Queries.Txt)), default, null, false, _now).Kind, "another type");
        Assert.AreEqual(NameAskKind.StartLookup, _table.Ask(Queries.Parse(Queries.Make("contoso.com", Queries.Mx, edns: 1232)), default, null, false, _now).Kind, "EDNS");
        var replies = _table.Completed(first.LookupId, MailAnswer(ttl: 60), false, _now);
        CollectionAssert.AreEqual(new[] { 1, 2 }, replies.Select(reply => (int)Message(reply).TransactionID).ToArray());
        Assert.AreEqual("CONTOSO.com.", Message(replies[1]).Questions[0].Name.ToString());

        _now += 20_000;
        var kept = _table.Ask(Queries.Parse(Queries.Make("contoso.com", Queries.Mx, id: 3)), default, null, false, _now);
        Assert.AreEqual(40, DnsMessage.Parse(kept.Answer!).AnswerRecords[0].TimeToLive);
        _now += 40_000;
        Assert.AreEqual(NameAskKind.StartLookup, _table.Ask(Queries.Parse(Queries.Make("contoso.com", Queries.Mx)), default, null, false, _now).Kind);
    }

    [TestMethod]
    public void ARelayedAnswerThatIsNoneIsServerFailure()
    {
        foreach (var wrong in new[] { Queries.Answer(Queries.Make("contoso.net", Queries.Mx)), MailAnswer(60)[..^3], [] })
        {
            var id = Start("contoso.com", Queries.Mx);
            Assert.AreEqual(ReturnCode.ServerFailure, Message(_table.Completed(id, wrong, false, _now).Single()).ReturnCode);
        }
        Assert.AreEqual(0, _table.Cached);
    }

    [TestMethod]
    public void ARelayedAnswerWithoutLifetimeIsNotKept()
    {
        _table.Completed(Start("contoso.com", Queries.Mx), MailAnswer(ttl: 0), false, _now);
        Assert.AreEqual(0, _table.Cached);
        _table.Completed(Start("contoso.com", Queries.Mx), Queries.Answer(Queries.Make("contoso.com", Queries.Mx), 2), false, _now);
        Assert.AreEqual(0, _table.Cached);
    }

    [TestMethod]
    public void NamesOfAnAddressAreKeptToo()
    {
        var id = Start("21.0.107.131.in-addr.arpa", Queries.Ptr);
        Assert.HasCount(1, Message(_table.Completed(id, ["ftp.contoso.com"], 60, _now).Single()).AnswerRecords.OfType<PtrRecord>());
        Assert.AreEqual(NameAskKind.AnswerNow, Ask("21.0.107.131.in-addr.arpa", Queries.Ptr).Kind);
        Assert.AreEqual(NameAskKind.StartLookup, Ask("21.0.107.131.in-addr.arpa", Queries.A).Kind, "another question of the same name");
    }

    [TestMethod]
    public void AnAbsenceIsKeptAsLongAsItsZoneSays()
    {
        var authority = new StartOfAuthority("contoso.com", "ns.contoso.com", "h.contoso.com", 1, 2, 3, 4, Minimum: 100, TimeToLive: 200);
        var reply = _table.Failed(Start("no.contoso.com", 1), NameFailure.NotFound, authority, _now).Single();
        Assert.AreEqual(100, Message(reply).AuthorityRecords.Single().TimeToLive);
        _now += 40_000;
        Assert.AreEqual(60, DnsMessage.Parse(Ask("no.contoso.com", 28).Answer!).AuthorityRecords.Single().TimeToLive);
        _now += 60_000;
        Assert.AreEqual(NameAskKind.StartLookup, Ask("no.contoso.com", 1).Kind);
    }

    [TestMethod]
    public void TableIsBounded()
    {
        for (var i = 0; i < NameLimits.MostLookups; i++)
            Start($"n{i}.example", 1);
        Assert.AreEqual(ReturnCode.ServerFailure, DnsMessage.Parse(Ask("more.example", 1).Answer!).ReturnCode);
        var table = new NameTable();
        for (var i = 0; i < NameLimits.MostCached + 10; i++)
            table.Completed(table.Ask(Queries.Parse(Queries.Make($"n{i}.example", 1)), default, null, false, _now).LookupId, Ftp, (uint)(60 + (i % 7)), false, _now);
        Assert.AreEqual(NameLimits.MostCached, table.Cached);
        table.Tick(_now + 70_000);
        Assert.AreEqual(0, table.Cached);
    }

    private static byte[] MailAnswer(uint ttl) => Queries.Answer(Queries.Make("contoso.com", Queries.Mx), 0, (1, Queries.Mx, ttl, [0, 10, .. Queries.Name("mail.contoso.com")]));

    private static DnsMessage Message(NameReply reply) => DnsMessage.Parse(reply.Message);

    private long Start(string name, ushort type, object? program = null)
    {
        var result = Ask(name, type, program);
        Assert.AreEqual(NameAskKind.StartLookup, result.Kind);
        return result.LookupId;
    }

    private NameAskResult Ask(string name, ushort type, object? program = null)
    {
        _port++;
        var origin = new NameQueryOrigin(Raw.At($"192.168.0.2:{_port}"), Raw.At("131.107.0.2:53"), default);
        return _table.Ask(Queries.Parse(Queries.Make(name, type)), origin, program, false, _now);
    }
}
