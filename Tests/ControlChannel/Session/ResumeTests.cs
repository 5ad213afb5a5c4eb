using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.Tests.ControlChannel.Session;

/// <summary>A session outlives its connection: nothing is lost, nothing is done twice, and nobody else gets it.</summary>
[TestClass]
public sealed class ResumeTests
{
    private const uint Session = ResumeLink.Session;
    private static readonly TimeSpan Grace = ResumeLink.Grace;
    private static readonly byte[] Secret = ResumeLink.Secret;
    private static readonly byte[] SecondNonce = ResumeLink.SecondNonce;

    [TestMethod]
    public void WhatWasOnTheWayArrivesOnceEachWay()
    {
        var link = Open();
        link.Cut = true;
        link.Client.Request(LookUp(1), link.Now);
        link.Client.Notify(new Close("", IsFromFirewall: false) { Id = new(0x20000) }, link.Now);
        link.Server.Send(Mapping(9));
        link.Drive();
        Assert.IsEmpty(link.Delivered);

        link.Lose();
        link.Server.Send(Mapping(10));
        link.Client.Request(LookUp(3), link.Now);
        link.Resume();
        CollectionAssert.AreEqual(new[] { "GetHostByName 0x10000", "Close 0x20000", "GetHostByName 0x30000" }, link.Delivered);
        CollectionAssert.AreEqual(new[] { "NewMapping 9", "NewMapping 10" }, link.Heard);

        link.Server.Send(Entry(1));
        link.Server.Send(Entry(3));
        link.Drive();
        Assert.HasCount(2, link.Answers);
        Assert.IsTrue(link.Answers.TrueForAll(answer => answer.Reply is HostEntry));
    }

    [TestMethod]
    public void AReplyThatWasOnTheWayIsNotAskedForAgain()
    {
        var link = Open();
        link.Client.Request(LookUp(1), link.Now);
        link.Drive();
        link.Cut = true;
        link.Server.Send(Entry(1));
        link.Drive();
        link.Lose();
        link.Resume();
        Assert.HasCount(1, link.Answers);
        CollectionAssert.AreEqual(new[] { "GetHostByName 0x10000" }, link.Delivered);
    }

    [TestMethod]
    public void ASecondLossWhileItIsResumedChangesNothing()
    {
        var link = Open();
        link.Cut = true;
        link.Client.Request(LookUp(1), link.Now);
        link.Drive();
        link.Lose();
        link.Resume(cutBehindResume: true);
        link.Lose();
        link.Resume();
        CollectionAssert.AreEqual(new[] { "GetHostByName 0x10000" }, link.Delivered);
    }

    [TestMethod]
    public void AfterTheGraceTimeBothSidesEndAndWhoWaitsIsTold()
    {
        var link = Open();
        link.Client.Request(LookUp(1), link.Now);
        link.Drive();
        link.Lose();
        link.Advance(Grace - TimeSpan.FromMilliseconds(1));
        Assert.AreEqual((SessionState.Lost, SessionState.Lost), (link.Client.State, link.Server.State));
        link.Advance(TimeSpan.FromMilliseconds(1));
        Assert.AreEqual((SessionEndKind.NotResumed, SessionEndKind.NotResumed), (link.Client.End!.Kind, link.Server.End!.Kind));
        Assert.HasCount(1, link.Answers);
    }

    [TestMethod]
    public void ARequestOfALostSessionIsAnsweredAtItsDeadlineAllTheSame()
    {
        var link = Open();
        link.Lose();
        link.Client.Request(LookUp(1), link.Now);
        link.Advance(TimeSpan.FromMilliseconds(SessionTiming.RequestDeadline));
        Assert.AreEqual(WinsockError.WSAETIMEDOUT, ((ErrorReply)link.Answers.Single().Reply).Error);
    }

    [TestMethod]
    public void OnlyTheSecretOfTheSessionAndTheNonceOfTheConnectionMakeAProof()
    {
        var link = Open();
        link.Lose();
        foreach (var (secret, session, nonce, received) in new[]
        {
            (SecondNonce, Session, SecondNonce, 0u), (Secret, Session + 1, SecondNonce, 0u), (Secret, Session, Secret, 0u), (Secret, Session, SecondNonce, 1u),
        })
        {
            var proof = ResumeProof.OfClient(secret, session, nonce, received);
            Assert.IsFalse(link.Server.TryResume(new Resume(Session, 0, proof), SecondNonce, link.Now));
        }

        var firewalls = ResumeProof.OfFirewall(Secret, Session, SecondNonce, 0);
        Assert.IsFalse(link.Server.TryResume(new Resume(Session, 0, firewalls), SecondNonce, link.Now), "the firewall's own words are no proof of a client");
        Assert.AreEqual(SessionState.Lost, link.Server.State);
        Assert.IsTrue(link.Server.TryResume(new Resume(Session, 0, ResumeProof.OfClient(Secret, Session, SecondNonce, 0)), SecondNonce, link.Now));
    }

    [TestMethod]
    public void ACountThatCanNotBeIsRefused()
    {
        var link = Open();
        link.Lose();
        link.Server.Send(Mapping(9));
        foreach (var received in new[] { 2u, uint.MaxValue, 0x8000_0000u })
            Assert.IsFalse(link.Server.TryResume(new Resume(Session, received, ResumeProof.OfClient(Secret, Session, SecondNonce, received)), SecondNonce, link.Now));
    }

    [TestMethod]
    public void AFirewallThatDoesNotKnowTheSecretIsNotBelieved()
    {
        var link = Open();
        link.Lose();
        link.Client.Reconnected(link.Now);
        link.Client.Receive(ResumeLink.Response with { ResumeNonce = SecondNonce }, link.Now);
        link.Client.Receive(new Resumed(0, new byte[32]), link.Now);
        Assert.AreEqual(SessionEndKind.ProtocolViolation, link.Client.End!.Kind);
    }

    [TestMethod]
    public void ARefusedResumeEndsTheSessionWithBothReasons()
    {
        var link = Open();
        link.Lose();
        link.Client.Reconnected(link.Now);
        link.Client.Receive(ResumeLink.Response with { ResumeNonce = SecondNonce }, link.Now);
        link.Client.Receive(new ErrorReply(OpCode.Resume, WinsockError.WSAEINVAL, "no such session"), link.Now);
        Assert.AreEqual(SessionEndKind.NotResumed, link.Client.End!.Kind);
        StringAssert.Contains(link.Client.End.Sentence, "no such session");
        StringAssert.Contains(link.Client.End.Sentence, "cut");
    }

    [TestMethod]
    public void AnEndThatIsMeantIsSaidAndNobodyWaits()
    {
        var link = Open();
        link.Client.Fail(SessionEndKind.ClosedHere, "done");
        link.Drive();
        Assert.AreEqual(SessionEndKind.ClosedByPeer, link.Server.End!.Kind);

        link = Open();
        link.Server.Fail(SessionEndKind.ClosedHere, "stopping");
        link.Drive();
        Assert.AreEqual("the firewall ended the session: stopping", link.Client.End!.Sentence);
    }

    [TestMethod]
    public void WhoDoesNotAskForItGetsNoTicketAndEndsWithTheConnection()
    {
        var link = new ResumeLink(resumable: false);
        link.Start();
        Assert.IsFalse(link.Trace.Exists(line => line.Contains("ticket", StringComparison.Ordinal)));
        link.Lose();
        Assert.AreEqual((SessionState.Ended, SessionState.Ended), (link.Client.State, link.Server.State));
    }

    [TestMethod]
    public void AKeepAliveWithoutAnAnswerLosesTheConnectionInTwentySeconds()
    {
        var link = Open();
        link.Cut = true;
        var lost = 0;
        while (link.Client.State == SessionState.Open && lost < 60)
        {
            lost++;
            link.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.AreEqual(20, lost);
    }

    [TestMethod]
    public void ARequestWithoutAWordIsSuspectAtOnceAndASlowServerIsNot()
    {
        var link = Open();
        link.Client.Request(LookUp(1), link.Now);
        link.Drive();
        for (var i = 0; i < 20; i++)
            link.Advance(TimeSpan.FromMilliseconds(200));
        Assert.AreEqual(1, link.Trace.Count(line => line.Contains("Keep-alive from", StringComparison.Ordinal)), "asked once, and answered");
        Assert.HasCount(1, link.ClientActions.OfType<SessionAction.Suspect>());

        link.Cut = true;
        link.Client.Request(LookUp(2), link.Now);
        link.Advance(TimeSpan.FromMilliseconds(SessionTiming.SuspectAfter));
        Assert.HasCount(2, link.ClientActions.OfType<SessionAction.Suspect>());
        Assert.AreEqual(SessionState.Open, link.Client.State);
    }

    [TestMethod]
    public void NeitherSideKeepsWhatTheOtherHasRead()
    {
        var link = Open();
        for (uint i = 1; i <= 40_000; i++)
        {
            link.Client.Request(LookUp((i % 60_000) + 1), link.Now);
            link.Drive();
            link.Server.Send(Entry((i % 60_000) + 1));
            link.Drive();
        }

        Assert.AreEqual((SessionState.Open, SessionState.Open), (link.Client.State, link.Server.State));
        Assert.HasCount(40_000, link.Answers);
    }

    /// <summary>Bounded, with a seed that is printed: cuts at any message, and what was sent arrives once and in order, both ways.</summary>
    [TestMethod]
    public void CutsAtAnyMomentLoseAndRepeatNothing()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var link = Open();
            List<string> asked = [], announced = [];
            for (var step = 0; step < 60; step++)
            {
                if (random.Next(4) == 0)
                    link.CutAfter(random.Next(4));
                var id = (uint)step + 1;
                if (random.Next(2) == 0)
                {
                    link.Client.Notify(new Close("", IsFromFirewall: false) { Id = new(id << 16) }, link.Now);
                    asked.Add($"Close 0x{id << 16:X}");
                }
                else
                {
                    link.Server.Send(Mapping(id));
                    announced.Add($"NewMapping {id}");
                }

                link.Drive();
                if (link.Cut)
                {
                    link.Lose();
                    link.Resume();
                }
            }

            CollectionAssert.AreEqual(asked, link.Delivered, $"seed {seed}");
            CollectionAssert.AreEqual(announced, link.Heard, $"seed {seed}");
        }
    }

    private static GetHostByName LookUp(uint number) => new("ftp.contoso.com") { Id = new(number << 16), Application = "ftp.exe" };

    private static HostEntry Entry(uint number) => new("ftp.contoso.com", "ftp.contoso.com", [], [IPAddress.Loopback], TimeSpan.Zero) { Id = new(number << 16) };

    private static NewMapping Mapping(uint number)
    {
        var any = IPEndPoint.Parse("192.168.0.1:1");
        return new NewMapping(any, any, any, any) { Id = new(0x40200), FirewallMapping = number };
    }

    private static ResumeLink Open()
    {
        var link = new ResumeLink(resumable: true);
        link.Start();
        return link;
    }
}
