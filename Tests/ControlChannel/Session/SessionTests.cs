using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.Tests.ControlChannel.Session;

[TestClass]
public sealed class SessionTests
{
    [TestMethod]
    public void SetupAndLogonGoAsInTheArticle()
    {
        var pair = new SessionPair();
        pair.Start();

        CollectionAssert.AreEqual(
            new[]
            {
                "RWS:Channel setup request (ISA Server compatible) for ftp.exe as alice on CLIENT running Windows XP x32",
                "RWS:Channel setup response to ftp.exe (ISA Server compatible), authentication to FIREWALL is required; encryption not required",
                "GSS-API:Token, 1 bytes", "GSS-API:Token, 1 bytes", "GSS-API:Token, 1 bytes",
                "RWS:Logon OK",
            },
            pair.Trace);
        Assert.AreEqual("CONTOSO\\alice", pair.ServerActions.OfType<SessionAction.Opened>().Single().User);
        Assert.AreEqual("CONTOSO\\alice", pair.ClientActions.OfType<SessionAction.Opened>().Single().User);
    }

    [TestMethod]
    public void AWrongPasswordEndsBothSidesWithTheSameSentence()
    {
        var pair = new SessionPair { PasswordIsRight = false };
        pair.Start();

        Assert.AreEqual("RWS:Logon failed: FIREWALL did not accept the user name or the password", pair.Trace[^1]);
        Assert.AreEqual(SessionEndKind.LogonRefused, pair.Client.End!.Kind);
        Assert.AreEqual(pair.Client.End, pair.Server.End);
        Assert.IsEmpty(pair.ServerActions.OfType<SessionAction.Opened>());
    }

    [TestMethod]
    [DataRow(false, true, true, 6)]
    [DataRow(false, true, false, 4)] // the keep-alive says that no logon comes
    [DataRow(false, false, true, 2)]
    public void WithoutDemandTheClientMayLogOnOrNot(bool required, bool offered, bool credentials, int messages)
    {
        var pair = new SessionPair(required, offered, credentials);
        pair.Start();
        Assert.HasCount(messages, pair.Trace);
        Assert.AreEqual((SessionState.Open, SessionState.Open), (pair.Client.State, pair.Server.State));

        pair.Client.Request(new GetHostByName("www.contoso.com") { Id = new(0x10000), Application = "ftp.exe" }, 0);
        pair.Drive();
        Assert.AreEqual(SessionState.Open, pair.Server.State);
        Assert.HasCount(1, pair.ServerActions.OfType<SessionAction.Deliver>());
    }

    [TestMethod]
    public void NoCommonPackageIsSaidPlainly()
    {
        var pair = new SessionPair(packages: ["Kerberos"]);
        pair.Start();
        Assert.AreEqual("FIREWALL takes Negotiate, NTLM; this client offers Kerberos", pair.Client.End!.Sentence);
    }

    [TestMethod]
    public void AnOldVersionIsRefusedWithAReasonAndDoesNotHang()
    {
        var pair = new SessionPair(version: 99);
        pair.Start();
        Assert.AreEqual(SessionEndKind.NotCompatible, pair.Client.End!.Kind);
        StringAssert.Contains(pair.Client.End.Sentence, "version 99");
    }

    [TestMethod]
    public void ARequestGetsItsReplyAndALateReplyIsNotAnError()
    {
        var pair = Open();
        var request = new GetHostByName("ftp.contoso.com") { Id = new(0x10000), Application = "ftp.exe" };
        pair.Client.Request(request, pair.Now);
        pair.Drive();
        pair.Advance(SessionTiming.RequestDeadline);

        var answer = pair.ClientActions.OfType<SessionAction.Answer>().Single();
        Assert.AreSame(request, answer.Request);
        Assert.AreEqual(WinsockError.WSAETIMEDOUT, ((ErrorReply)answer.Reply).Error);

        pair.Server.Send(new ErrorReply(OpCode.GetHostByName, WinsockError.WSAHOST_NOT_FOUND, "no such name") { Id = new(0x10000) });
        pair.Drive();
        Assert.AreEqual(SessionState.Open, pair.Client.State);
        Assert.HasCount(1, pair.ClientActions.OfType<SessionAction.Answer>());
    }

    [TestMethod]
    public void AQuietClientKeepsItsSessionAlive()
    {
        var pair = Open();
        for (var second = 0; second < 600; second++)
            pair.Advance(1000);
        Assert.AreEqual(SessionState.Open, pair.Client.State);
        Assert.AreEqual(SessionState.Open, pair.Server.State);
        Assert.AreEqual(600 / 15, pair.Trace.Count(l => l == "RWS:Keep-alive from ftp.exe"));
    }

    [TestMethod]
    public void ASilentPeerIsGivenUpOnBothSides()
    {
        var pair = Open();
        var request = new ConnectRequest(IPEndPoint.Parse("131.107.0.21:21"), IPEndPoint.Parse("192.168.0.2:1516")) { Id = new(0x10000), Application = "ftp.exe" };
        pair.Client.Advance(pair.Now += 44_000);
        pair.Client.Request(request, pair.Now);
        pair.Client.Advance(pair.Now += 1_000);
        Assert.AreEqual(SessionEndKind.Silent, pair.Client.End!.Kind);
        pair.Server.Advance(pair.Now);
        Assert.AreEqual(SessionEndKind.Silent, pair.Server.End!.Kind);
        pair.Drive();
        Assert.AreEqual(WinsockError.WSAENETDOWN, ((ErrorReply)pair.ClientActions.OfType<SessionAction.Answer>().Single().Reply).Error);
    }

    [TestMethod]
    public void ARequestBeforeTheLogonEndsTheSession()
    {
        var pair = new SessionPair();
        pair.Server.Start(0);
        pair.Server.Receive(new GetHostByName("x") { Id = new(0x10000) }, 0);
        Assert.AreEqual(SessionEndKind.ProtocolViolation, pair.Server.End!.Kind);
        StringAssert.Contains(pair.Server.End.Sentence, "GetHostByName");
    }

    [TestMethod]
    public void TheSameRequestTwiceEndsTheSession()
    {
        var pair = Open();
        pair.Server.Receive(new GetHostByName("x") { Id = new(0x10000) }, 0);
        pair.Server.Receive(new GetHostByName("x") { Id = new(0x10000) }, 0);
        Assert.AreEqual(SessionEndKind.ProtocolViolation, pair.Server.End!.Kind);
    }

    [TestMethod]
    public void TooManyOutstandingRequestsAreAnsweredNotKept()
    {
        var pair = Open();
        for (uint i = 1; i <= RwsLimits.OutstandingRequests + 1; i++)
            pair.Server.Receive(new GetHostByName("x") { Id = new(i << 16) }, 0);
        pair.Drive();
        Assert.HasCount(RwsLimits.OutstandingRequests, pair.ServerActions.OfType<SessionAction.Deliver>());
        StringAssert.Contains(pair.Trace[^1], "WSAENOBUFS");
        Assert.AreEqual(SessionState.Open, pair.Server.State);
    }

    [TestMethod]
    public void NobodyOpensItsSessionForEver()
    {
        var pair = new SessionPair();
        pair.Server.Start(0);
        pair.Client.Start(0);
        pair.Server.Advance(SessionTiming.SetupDeadline);
        pair.Client.Advance(SessionTiming.SetupDeadline);
        Assert.AreEqual(SessionEndKind.Silent, pair.Server.End!.Kind);
        Assert.AreEqual(SessionEndKind.Silent, pair.Client.End!.Kind);
    }

    [TestMethod]
    public void IdsCountAsTheArticleShows()
    {
        var ids = new ObjectIds();
        Assert.AreEqual("0x10000", ids.Next().ToString());
        Assert.AreEqual("0x20000", ids.Next().ToString());
        _ = ids.Next();
        Assert.AreEqual("0x40200", ids.Next(boundSocket: true).ToString());
    }

    [TestMethod]
    public void IdsComeRoundPastWhatIsInUse()
    {
        var ids = new ObjectIds();
        var kept = ids.Next(boundSocket: true);
        for (var i = 0; i < ushort.MaxValue - 1; i++)
            ids.Release(ids.Next());
        Assert.AreEqual("0x20000", ids.Next().ToString());
        Assert.AreEqual("0x10200", kept.ToString());
    }

    private static SessionPair Open()
    {
        var pair = new SessionPair();
        pair.Start();
        pair.Trace.Clear();
        return pair;
    }
}
