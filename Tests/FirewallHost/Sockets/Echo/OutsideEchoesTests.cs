using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Sockets.Echo;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.FirewallHost.Sockets.Echo;

[TestClass]
public sealed class OutsideEchoesTests : IEchoOwner
{
    private static readonly IPAddress Server = IPAddress.Parse("131.107.0.21");
    private static readonly IPAddress Other = IPAddress.Parse("131.107.0.22");
    private static readonly IPAddress Router = IPAddress.Parse("131.107.0.1");

    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _heard = [];
    private readonly OutsideEchoes _echoes;
    private FakeEchoSender _sender = null!;

    public OutsideEchoesTests() => _echoes = new OutsideEchoes((family, answers) => family == AddressFamily.InterNetwork ? _sender = new FakeEchoSender(answers) : null, _time);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Answers_find_their_request_whatever_identifier_and_sequence_it_had()
    {
        Assert.IsTrue(_echoes.TrySend(this, Request(Server, 0xAAAA, 1), 63));
        Assert.IsTrue(_echoes.TrySend(this, Request(Other, 0xBBBB, 1), 9));
        Assert.AreEqual((Server, (byte)63, "abc"), (_sender.Sent[0].Destination, _sender.Sent[0].TimeToLive, Text(_sender.Sent[0].Data)));
        Assert.AreNotEqual(_sender.Sent[0].Sequence, _sender.Sent[1].Sequence);
        _sender.Answers.Replied(_sender.Sent[1].Sequence, Other, 50, "abc"u8);
        _sender.Answers.Failed(_sender.Sent[0].Sequence, Server, new IcmpReport(Router, 11, 0, 0));
        CollectionAssert.AreEqual(new[] { "reply 0xBBBB/1 50 abc", "error 0xAAAA/1 131.107.0.1 11/0" }, _heard);
    }

    /// <summary>RFC 5508, REQ-2: no less than 60 s.</summary>
    [TestMethod]
    public void An_answer_is_taken_for_sixty_seconds()
    {
        _echoes.TrySend(this, Request(Server, 1, 1), 64);
        _time.Advance(TimeSpan.FromSeconds(60) - TimeSpan.FromMilliseconds(1));
        _sender.Answers.Replied(_sender.Sent[0].Sequence, Server, 50, "abc"u8);
        Assert.HasCount(1, _heard);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _sender.Answers.Replied(_sender.Sent[0].Sequence, Server, 50, "abc"u8);
        Assert.HasCount(1, _heard);
    }

    /// <summary>RFC 5508, REQ-6.</summary>
    [TestMethod]
    public void An_error_ends_nothing()
    {
        _echoes.TrySend(this, Request(Server, 1, 1), 64);
        _sender.Answers.Failed(_sender.Sent[0].Sequence, Server, new IcmpReport(Router, 3, 1, 0));
        _sender.Answers.Replied(_sender.Sent[0].Sequence, Server, 50, "abc"u8);
        Assert.HasCount(2, _heard);
    }

    [TestMethod]
    public void Only_the_destination_may_answer_and_not_for_ever()
    {
        _echoes.TrySend(this, Request(Server, 1, 1), 64);
        var sequence = _sender.Sent[0].Sequence;
        _sender.Answers.Replied(sequence, Other, 50, "abc"u8);
        _sender.Answers.Replied((ushort)(sequence + 1), Server, 50, "abc"u8);
        Assert.IsEmpty(_heard);
        for (var i = 0; i < 100; i++)
            _sender.Answers.Replied(sequence, Server, 50, "abc"u8);
        Assert.HasCount(8, _heard);
    }

    [TestMethod]
    public void When_all_numbers_wait_the_next_is_lost_until_the_oldest_is_over()
    {
        for (var i = 0; i <= ushort.MaxValue; i++)
            Assert.IsTrue(_echoes.TrySend(this, Request(Server, 1, (ushort)i), 64));
        Assert.IsFalse(_echoes.TrySend(this, Request(Server, 2, 0), 64));
        _time.Advance(Limits.EchoLifetime);
        Assert.IsTrue(_echoes.TrySend(this, Request(Server, 2, 0), 64));
        Assert.HasCount(ushort.MaxValue + 2, _sender.Sent);
    }

    [TestMethod]
    public void The_quota_is_a_hundred_a_second_with_a_burst_and_counts_fragments()
    {
        var quota = new EchoQuota(_time);
        var client = IPAddress.Parse("192.168.0.2");
        Assert.AreEqual(Limits.EchoBurst, Enumerable.Range(0, 1000).Count(_ => quota.TryTake(client, 56)));
        Assert.AreEqual(1000 - Limits.EchoBurst, quota.Dropped);
        Assert.IsTrue(quota.TryTake(IPAddress.Parse("192.168.0.3"), 56), "each client has its own");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.AreEqual(Limits.EchoesPerSecond, Enumerable.Range(0, 1000).Count(_ => quota.TryTake(client, 56)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.AreEqual(2, Enumerable.Range(0, 100).Count(_ => quota.TryTake(client, 60_000)), "41 packets each");
    }

    void IEchoOwner.Replied(EchoRequest request, byte timeToLive, ReadOnlySpan<byte> data) =>
        _heard.Add($"reply 0x{request.Identifier:X4}/{request.Sequence} {timeToLive} {Text(data)}");

    void IEchoOwner.Failed(EchoRequest request, in IcmpReport report) =>
        _heard.Add($"error 0x{request.Identifier:X4}/{request.Sequence} {report.Reporter} {report.Type}/{report.Code}");

    private static EchoRequest Request(IPAddress destination, ushort identifier, ushort sequence) =>
        new(destination, 64, EchoFlags.None, identifier, sequence, "abc"u8.ToArray());

    private static string Text(ReadOnlySpan<byte> data) => System.Text.Encoding.ASCII.GetString(data);
}
