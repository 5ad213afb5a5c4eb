using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Service;
using Microsoft.Extensions.Logging.Abstractions;

namespace FwRedirect.Tests.Redirector.Service;

[TestClass]
public sealed class RedirectorServiceTests
{
    private static readonly string[] Undone =
        ["end flows", "close watch", "close diverter", "close processes", "close events", "close guard", "close journal", "close claim"];

    [TestMethod]
    [DataRow("claim", 11)]
    [DataRow("recovery", 11)]
    [DataRow("networks", 13)]
    [DataRow("journal", 11)]
    [DataRow("guard", 11)]
    [DataRow("events", 14)]
    [DataRow("processes", 14)]
    [DataRow("diverter", 16)]
    [DataRow("lift", 16)]
    [DataRow("watch", 13)]
    public async Task AStepThatFailsIsNamedAndThoseBeforeItAreUndone(string fails, int step)
    {
        var machine = new FakeMachine { Fails = fails };
        var service = new RedirectorService(RunningService.Options(1745), machine, TimeProvider.System, NullLoggerFactory.Instance);
        var failure = await Assert.ThrowsExactlyAsync<StartFailedException>(() => service.StartAsync(CancellationToken.None));
        Assert.AreEqual((StartStep)step, failure.Step);
        Assert.AreEqual($"error {step} ({failure.Step}): {fails} is not to be had", failure.Message);
        // The route goes before the rules, whenever it came.
        string[] parts = ["claim", "journal", "guard", "events", "processes", "diverter", "lift", "route"];
        CollectionAssert.AreEqual(
            parts.Intersect(machine.Log.Where(l => l.StartsWith("open ", StringComparison.Ordinal)).Select(l => l[5..])).Reverse().ToArray(),
            machine.Log.Where(l => l.StartsWith("close ", StringComparison.Ordinal)).Select(l => l[6..]).ToArray());
    }

    /// <summary>A laptop that starts away from its firewall, without a name server even: it starts, and decides at once.</summary>
    [TestMethod]
    public async Task AFirewallWithoutAnAddressIsNoReasonNotToStart()
    {
        var machine = new FakeMachine { Fails = "route" };
        var options = new RedirectorOptions { Firewalls = [new("firewall.invalid", 1745), new("192.0.2.1", 1745)] };
        var service = new RedirectorService(options, machine, TimeProvider.System, NullLoggerFactory.Instance);
        await service.StartAsync(CancellationToken.None);
        try
        {
            await machine.Diverter.TakeAsync(RunningService.Syn());
            var (answer, _) = await machine.Diverter.SentAsync();
            Assert.AreEqual(IpProtocol.Icmp, new PacketView(answer).Protocol, "network unreachable");
        }
        finally
        {
            await service.StopAsync(CancellationToken.None);
        }
    }

    [TestMethod]
    public async Task AStopResetsFlowsWhilePacketsStillLeaveAndThenUndoesAllInReverse()
    {
        await using var service = await RunningService.StartAsync();
        await service.ConnectAsync();
        var before = service.Machine.Log.Length;
        await service.Service.StopAsync(CancellationToken.None);
        var (reset, _) = await service.Diverter.SentAsync();
        Assert.AreEqual(RunningService.Client, new PacketView(reset).Destination);
        Assert.AreNotEqual(default, new PacketView(reset).Flags & TcpFlags.Rst);
        var stop = service.Machine.Log[before..];
        var sent = stop.TakeWhile(l => l == "send").Count();
        Assert.IsGreaterThan(0, sent);
        CollectionAssert.AreEqual(new[] { "close route", "close lift", "shut down events", "shut down diverter" }.Concat(Undone).ToArray(), stop[sent..]);
    }

    [TestMethod]
    public async Task AStopRefusesTheSynThatWaitsForTheFirewall()
    {
        await using var service = await RunningService.StartAsync();
        await service.Diverter.TakeAsync(RunningService.Syn());
        await service.Firewall.NextAsync<ConnectRequest>();
        await service.Service.StopAsync(CancellationToken.None);
        Assert.AreEqual(service.Diverter.LastId, await service.Diverter.DroppedAsync());
        Assert.AreEqual(TcpFlags.Rst | TcpFlags.Ack, new PacketView((await service.Diverter.SentAsync()).Packet).Flags);
        CollectionAssert.AreEqual(Undone, service.Machine.Log[^Undone.Length..]);
    }

    [TestMethod]
    public async Task ANetworkThatComesUpIsLocalFromThenOn()
    {
        await using var service = await RunningService.StartAsync();
        Assert.AreEqual(PacketVerdict.Hold, (await service.Diverter.TakeAsync(RunningService.Syn(1600))).Verdict);
        service.Machine.Networks = ["192.168.0.0/24", "131.107.0.0/16"];
        service.Machine.NetworksChanged();
        Assert.AreEqual(PacketVerdict.Pass, (await service.Diverter.TakeAsync(RunningService.Syn(1601))).Verdict);
        CollectionAssert.Contains(service.Machine.Log, "open update 192.168.0.0/24 131.107.0.0/16");
        service.Machine.Networks = ["192.168.0.0/24"];
        service.Machine.NetworksChanged();
        Assert.AreEqual(PacketVerdict.Hold, (await service.Diverter.TakeAsync(RunningService.Syn(1602))).Verdict);
        Assert.AreEqual("open update 192.168.0.0/24", service.Machine.Log.Last(l => l.StartsWith("open update", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task NetworksThatAreTheSameChangeNothing()
    {
        await using var service = await RunningService.StartAsync();
        service.Machine.NetworksChanged();
        Assert.IsFalse(service.Machine.Log.Any(l => l.StartsWith("open update", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task AChangeAfterTheStopIsTooLate()
    {
        await using var service = await RunningService.StartAsync();
        await service.Service.StopAsync(CancellationToken.None);
        service.Machine.Networks = ["10.0.0.0/8"];
        service.Machine.NetworksChanged();
        CollectionAssert.AreEqual(Undone, service.Machine.Log[^Undone.Length..]);
    }

    [TestMethod]
    public async Task ASecondStopDoesNothing()
    {
        await using var service = await RunningService.StartAsync();
        await service.Service.StopAsync(CancellationToken.None);
        var log = service.Machine.Log;
        await service.Service.StopAsync(CancellationToken.None);
        CollectionAssert.AreEqual(log, service.Machine.Log);
    }

    [TestMethod]
    public async Task AStopDoesNotWaitForAFirewallThatNeverAnswers()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var machine = new FakeMachine();
        var options = RunningService.Options(((IPEndPoint)silent.LocalEndpoint).Port);
        var service = new RedirectorService(options, machine, TimeProvider.System, NullLoggerFactory.Instance);
        await service.StartAsync(CancellationToken.None);
        Assert.AreEqual(PacketVerdict.Hold, (await machine.Diverter.TakeAsync(RunningService.Syn())).Verdict);
        using var channel = await silent.AcceptSocketAsync();
        // A set-up may take ten seconds (FirewallLimits.Open); a stop may not.
        await service.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(8));
        Assert.AreEqual(machine.Diverter.LastId, await machine.Diverter.DroppedAsync());
        CollectionAssert.AreEqual(Undone, machine.Log[^Undone.Length..]);
    }
}
