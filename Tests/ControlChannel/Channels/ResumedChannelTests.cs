using System.Net;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;

namespace FwRedirect.Tests.ControlChannel.Channels;

/// <summary>Both real channels over connections that break.</summary>
[TestClass]
public sealed class ResumedChannelTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [TestMethod]
    public async Task ARequestThatWasCutIsDoneOnceAndItsReplyComes()
    {
        var firewall = new PipeFirewall();
        await using var client = await firewall.OpenAsync(new Ear());
        var reply = client.RequestAsync(LookUp(client));
        await UntilAsync(() => !firewall.Owners.IsEmpty);
        var owner = firewall.Owners.Single();
        await UntilAsync(() => owner.Requests.Count == 1);
        firewall.Cut();
        owner.Channel!.Send(Entry(owner.Requests.Single().Id));
        Assert.IsInstanceOfType<HostEntry>(await reply.WaitAsync(Patience));
        Assert.AreEqual(1, owner.Requests.Count);
        Assert.HasCount(1, firewall.Owners);

        firewall.Answer = message => Entry(message.Id);
        Assert.IsInstanceOfType<HostEntry>(await client.RequestAsync(LookUp(client)).WaitAsync(Patience));
        Assert.HasCount(1, firewall.Owners);
    }

    [TestMethod]
    public async Task AClientThatDoesNotComeBackIsWaitedForAndThenClosedOnce()
    {
        var firewall = new PipeFirewall();
        await using var client = await firewall.OpenAsync(new Ear(), reconnect: () => throw new IOException("away"));
        firewall.Cut();
        await UntilAsync(() => firewall.Sessions.LostCount == 1);
        firewall.Time.Advance(PipeFirewall.Grace - TimeSpan.FromSeconds(2));
        Assert.AreEqual(1, firewall.Sessions.LostCount);
        firewall.Time.Advance(TimeSpan.FromSeconds(4));
        StringAssert.Contains(await firewall.Owners.Single().Closing, "did not come back within 45 s");
        await UntilAsync(() => client.HasEnded);
    }

    [TestMethod]
    public async Task AGoodByeEndsTheSessionAtOnce()
    {
        var firewall = new PipeFirewall();
        await (await firewall.OpenAsync(new Ear())).DisposeAsync();
        StringAssert.Contains(await firewall.Owners.Single().Closing, "the client ended the session");
        Assert.AreEqual(0, firewall.Sessions.LostCount);
    }

    [TestMethod]
    public async Task AnotherRunOfTheClientEndsWhatTheLastOneLost()
    {
        var firewall = new PipeFirewall();
        await using var killed = await firewall.OpenAsync(new Ear(), run: 1, reconnect: () => throw new IOException("killed"));
        firewall.Cut();
        await UntilAsync(() => firewall.Sessions.LostCount == 1);
        await using var next = await firewall.OpenAsync(new Ear(), "curl", run: 2);
        StringAssert.Contains(await firewall.Owners.First().Closing, "begun anew");
        Assert.IsTrue(next.IsOpen);
    }

    [TestMethod]
    public async Task AnotherComputersSessionsStay()
    {
        var firewall = new PipeFirewall();
        await using var other = await firewall.OpenAsync(new Ear(), run: 1, reconnect: () => throw new IOException("away"));
        firewall.Cut();
        await UntilAsync(() => firewall.Sessions.LostCount == 1);
        firewall.Address = "192.168.0.9";
        await using var client = await firewall.OpenAsync(new Ear(), run: 2, kill: true);
        Assert.AreEqual(1, firewall.Sessions.LostCount);
    }

    [TestMethod]
    public async Task KillOldSessionEndsTheSessionsOfThatProgramThatLive()
    {
        var firewall = new PipeFirewall();
        var ear = new Ear();
        await using var old = await firewall.OpenAsync(ear, "server.exe");
        await using var bystander = await firewall.OpenAsync(new Ear(), "curl");
        await using var next = await firewall.OpenAsync(new Ear(), "server.exe", kill: true);
        StringAssert.Contains(await firewall.Owners.First().Closing, "takes its place");
        Assert.AreEqual(SessionEndKind.ClosedByPeer, (await ear.End.Task.WaitAsync(Patience)).Kind);
        Assert.IsTrue(bystander.IsOpen && next.IsOpen);
    }

    [TestMethod]
    public async Task TheSessionThatWasLostFirstGivesWay()
    {
        var firewall = new PipeFirewall(mostLostOfClient: 2);
        var clients = new List<RwsClientChannel>();
        for (var i = 0; i < 3; i++)
        {
            clients.Add(await firewall.OpenAsync(new Ear(), $"program{i}", reconnect: () => throw new IOException("away")));
            firewall.Cut();
            await UntilAsync(() => firewall.Sessions.LostCount == Math.Min(i + 1, 2));
        }

        StringAssert.Contains(await firewall.Owners.First().Closing, "too many sessions");
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [TestMethod]
    public async Task ASessionFromAnotherAddressIsRefusedAndStaysForItsOwn()
    {
        var firewall = new PipeFirewall();
        var ear = new Ear();
        await using var client = await firewall.OpenAsync(ear);
        firewall.Address = "192.168.0.9";
        firewall.Cut();
        Assert.AreEqual(SessionEndKind.NotResumed, (await ear.End.Task.WaitAsync(Patience)).Kind);
        Assert.AreEqual(1, firewall.Sessions.LostCount);
    }

    /// <summary>Bounded, with seeds: whatever somebody says to resume a session, the session and the firewall are as before.</summary>
    [TestMethod]
    public async Task NoWordOfAStrangerEndsASessionOrTheFirewall()
    {
        var firewall = new PipeFirewall { Answer = message => Entry(message.Id) };
        await using var client = await firewall.OpenAsync(new Ear());
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var stream = firewall.Connect();
            await stream.WriteAsync(Stranger(random));
            await stream.DisposeAsync();
        }

        await UntilAsync(() => firewall.Ends.Count == 300);
        Assert.IsTrue(client.IsOpen);
        Assert.IsInstanceOfType<HostEntry>(await client.RequestAsync(LookUp(client)).WaitAsync(Patience));
        Assert.HasCount(1, firewall.Owners.Where(owner => owner.Channel!.Identity.Application == "ftp.exe" && !owner.Requests.IsEmpty));
    }

    private static byte[] Stranger(Random random)
    {
        var session = random.Next(3) == 0 ? (uint)random.Next() : random.Next(2) == 0 ? 0u : 1u;
        var proof = new byte[32];
        random.NextBytes(proof);
        RwsMessage[] messages =
        [
            new ChannelSetupRequest("ISA Server compatible", 1, Messages.Samples.WindowsXp) { Application = "ftp.exe", Resumption = new(session, 1) },
            random.Next(4) == 0 ? new Acknowledge((uint)random.Next(), IsFromFirewall: false) : new Resume(session, (uint)random.Next(), proof),
            random.Next(2) == 0 ? new EndOfSession("no", IsFromFirewall: false) : new Resume(session, 0, proof),
        ];
        var bytes = messages.SelectMany(RwsPacket.ToArray).ToArray();
        for (var changes = random.Next(3); changes > 0; changes--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }

    private static GetHostByName LookUp(RwsClientChannel client) => new("ftp.contoso.com") { Id = client.Ids.Next() };

    private static HostEntry Entry(ObjectId id) => new("ftp.contoso.com", "ftp.contoso.com", [], [IPAddress.Loopback], TimeSpan.Zero) { Id = id };

    /// <summary>What other threads do at once: given up after a while, so that a failure is one.</summary>
    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class Ear : IClientChannelHandler
    {
        public TaskCompletionSource<SessionEnd> End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void NewMapping(RwsClientChannel channel, NewMapping mapping)
        {
        }

        public void Closed(RwsClientChannel channel, Close close)
        {
        }

        public void Ended(RwsClientChannel channel, SessionEnd end) => End.TrySetResult(end);
    }
}
