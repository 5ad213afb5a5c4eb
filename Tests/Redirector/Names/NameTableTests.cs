using ARSoft.Tools.Net.Dns;
using FwRedirect.Redirector.Names;
using FwRedirect.Tests.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Names;

[TestClass]
public sealed class NameTableTests
{
    private static readonly ResolvedHost Ftp = Queries.Host("ftp.contoso.com", [], "131.107.0.21", "2001:db8::1");
    private readonly NameTable _table = new(answerIPv6: false);
    private long _now = 1_000_000;
    private ushort _port = 50_000;

    [TestMethod]
    public void TwinQuestionsShareOneLookup()
    {
        var id = Start("ftp.contoso.com", 1);
        Assert.AreEqual(NameAskKind.Wait, Ask("FTP.contoso.com", 28).Kind);
        var replies = _table.Completed(id, Ftp, 60, _now);
        Assert.HasCount(2, replies);
        Assert.AreEqual(50_001, replies[0].Origin.Client.Port);
        Assert.HasCount(1, Message(replies[0]).AnswerRecords);
        Assert.AreEqual(50_002, replies[1].Origin.Client.Port);
        Assert.IsEmpty(Message(replies[1]).AnswerRecords);
        Assert.AreEqual(ReturnCode.NoError, Message(replies[1]).ReturnCode);
        Assert.IsEmpty(_table.Completed(id, Ftp, 60, _now));
    }

    [TestMethod]
    public void IPv6IsAnsweredWhereItIsRedirected()
    {
        var table = new NameTable(answerIPv6: true);
        var id = table.Ask(Queries.Parse(Queries.Make("a.b", 28)), default, null, _now).LookupId;
        Assert.HasCount(1, Message(table.Completed(id, Ftp, 60, _now)[0]).AnswerRecords.OfType<AaaaRecord>());
    }

    [TestMethod]
    public void EachDuplicateIsAnsweredOnce()
    {
        var id = Start("ftp.contoso.com", 1);
        for (var i = 0; i < 3; i++)
            Assert.AreEqual(NameAskKind.Wait, Ask("ftp.contoso.com", 1).Kind);
        Assert.HasCount(4, _table.Completed(id, Ftp, 60, _now));
    }

    [TestMethod]
    public void AnswerIsKeptAndItsTimeToLiveRunsDown()
    {
        _table.Completed(Start("ftp.contoso.com", 1), Ftp, 60, _now);
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
        _table.Completed(Start("ftp.contoso.com", 1, "a"), Ftp, 60, _now);
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
        var reply = _table.Failed(Start("no.contoso.com", 1), (NameFailure)failure, _now).Single();
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
        Assert.HasCount(1, _table.Completed(id, Ftp, 60, _now));
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
    [DataRow((ushort)15, (ushort)1)]
    [DataRow((ushort)1, (ushort)3)]
    public void OtherTypesAndClassesAreNotImplemented(ushort type, ushort queryClass)
    {
        var result = _table.Ask(Queries.Parse(Queries.Make("a.b", type, queryClass: queryClass)), default, null, _now);
        Assert.AreEqual(ReturnCode.NotImplemented, DnsMessage.Parse(result.Answer!).ReturnCode);
        Assert.AreEqual(0, _table.Lookups);
    }

    [TestMethod]
    public void TableIsBounded()
    {
        for (var i = 0; i < NameLimits.MostLookups; i++)
            Start($"n{i}.example", 1);
        Assert.AreEqual(ReturnCode.ServerFailure, DnsMessage.Parse(Ask("more.example", 1).Answer!).ReturnCode);
        var table = new NameTable(answerIPv6: false);
        for (var i = 0; i < NameLimits.MostCached + 10; i++)
            table.Completed(table.Ask(Queries.Parse(Queries.Make($"n{i}.example", 1)), default, null, _now).LookupId, Ftp, (uint)(60 + (i % 7)), _now);
        Assert.AreEqual(NameLimits.MostCached, table.Cached);
        table.Tick(_now + 70_000);
        Assert.AreEqual(0, table.Cached);
    }

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
        return _table.Ask(Queries.Parse(Queries.Make(name, type)), origin, program, _now);
    }
}
