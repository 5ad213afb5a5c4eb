using System.Net;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Pings;
using FwRedirect.Tests.FirewallHost.Control;
using FwRedirect.Tests.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Pings;

[TestClass]
public sealed class EchoTableTests
{
    private static readonly IPAddress Server = IPAddress.Parse("131.107.0.21");
    private readonly EchoTable _table = new();

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task AnAnswerIsTakenForSixtySecondsAndTheRunIsOverAfterThem()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        var channel = new FirewallChannel(firewall.Client, IPAddress.Loopback);
        var run = _table.Add(Echo(1, sentAt: 1000), channel, 1000);
        Assert.IsNotNull(Find(firewall.Client, run.Id, 1, 1000 + 59_999));
        // It was found, and may be found again: there may be an error, and a reply after it.
        Assert.IsNotNull(Find(firewall.Client, run.Id, 1, 1000 + 59_999));
        Assert.IsNull(Find(firewall.Client, run.Id, 1, 1000 + 60_000));
        Assert.IsEmpty(_table.Tick(1000 + 59_999));
        var over = _table.Tick(1000 + 60_000);
        Assert.AreSame(run, over.Single());
        Assert.AreEqual((0, 0), (_table.Runs, _table.Waiting));
        Assert.AreEqual(1, firewall.Client.Ids.InUse);
        run.Release();
        Assert.AreEqual(0, firewall.Client.Ids.InUse);
    }

    [TestMethod]
    public async Task OnlySoManyWaitAndTheOldestGiveWay()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        var channel = new FirewallChannel(firewall.Client, IPAddress.Loopback);
        var id = _table.Add(Echo(0, 0), channel, 0).Id;
        for (var i = 1; i <= PingLimits.MostWaiting; i++)
            _table.Add(Echo((ushort)i, 0), channel, 0);
        Assert.AreEqual((1, PingLimits.MostWaiting), (_table.Runs, _table.Waiting));
        Assert.IsNull(Find(firewall.Client, id, 0, 0));
        Assert.IsNotNull(Find(firewall.Client, id, 1, 0));
    }

    [TestMethod]
    public async Task TheSameSequenceAgainIsTheLaterRequest()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        var channel = new FirewallChannel(firewall.Client, IPAddress.Loopback);
        var id = _table.Add(Echo(1, 0), channel, 0).Id;
        _table.Add(Echo(1, 30_000), channel, 30_000);
        _table.Tick(60_000);
        Assert.AreEqual(30_000, Find(firewall.Client, id, 1, 60_000)!.SentAt);
    }

    /// <summary>A channel that is lost takes its runs with it: the next ping begins one on the next channel.</summary>
    [TestMethod]
    public async Task ARunEndsWithItsChannel()
    {
        await using var firewall = await LoopbackFirewall.StartAsync();
        _table.Add(Echo(1, 0), new FirewallChannel(firewall.Client, IPAddress.Loopback), 0);
        Assert.IsEmpty(_table.Tick(1));
        await firewall.Client.DisposeAsync();
        Assert.HasCount(1, _table.Tick(2));
    }

    private SentEcho? Find(RwsClientChannel channel, ObjectId id, ushort sequence, long now) => _table.Find(channel, id, Server, 0x1A2B, sequence, now);

    private static SentEcho Echo(ushort sequence, long sentAt)
    {
        byte[] message = [8, 0, 0, 0, 0x1A, 0x2B, (byte)(sequence >> 8), (byte)sequence];
        return new SentEcho(Raw.Ip(Raw.At("192.168.0.2:0"), Raw.At("131.107.0.21:0"), IpProtocol.Icmp, message, -1, null), default, sentAt);
    }
}
