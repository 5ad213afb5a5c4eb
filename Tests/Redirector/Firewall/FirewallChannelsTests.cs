using System.Net;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Processes;
using FwRedirect.Tests.Redirector.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.Redirector.Firewall;

/// <summary>Who logs on as whom.</summary>
[TestClass]
public sealed class FirewallChannelsTests : IAsyncDisposable
{
    private readonly TokenFirewall _firewall = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Ends _ends = new();
    private readonly FakeIdentity _alice = new("alice");
    private readonly FakeIdentity _bob = new("bob");
    private FirewallChannels? _channels;

    public async ValueTask DisposeAsync()
    {
        if (_channels is not null)
            await _channels.DisposeAsync();
        await _firewall.DisposeAsync();
    }

    [TestMethod]
    public async Task TwoUsersOfOneProgramHaveAChannelEachAndEveryLegRunsAsItsUser()
    {
        var channels = Open();
        var opened = await Task.WhenAll(channels.GetAsync(Ftp(_alice, "alice")), channels.GetAsync(Ftp(_bob, "bob")));
        Assert.AreNotSame(opened[0], opened[1]);
        Assert.AreEqual(("alice", "bob"), (opened[0].Rws.User, opened[1].Rws.User));
        CollectionAssert.AreEquivalent(new[] { ("ftp.exe", "alice alice"), ("ftp.exe", "bob bob") }, _firewall.Logons);
        Assert.AreEqual((FakeIdentity.Legs, FakeIdentity.Legs), (_alice.Runs, _bob.Runs));
    }

    [TestMethod]
    public async Task TwoProcessesOfOneLogonShareAChannelAndAnotherLogonOfThatUserHasItsOwn()
    {
        var channels = Open();
        var first = await channels.GetAsync(Ftp(_alice, "alice"));
        Assert.AreSame(first, await channels.GetAsync(Ftp(new FakeIdentity("alice"), "alice") with { Id = 101 }));
        Assert.AreNotSame(first, await channels.GetAsync(Ftp(new FakeIdentity("alice") { LogonKey = "alice 2" }, "alice")));
    }

    [TestMethod]
    public async Task OnlyTheLogonActsAsTheUser()
    {
        var channel = await Open().GetAsync(Ftp(_alice, "alice"));
        _alice.IsOver = true;
        channel.Rws.Notify(new Close("", IsFromFirewall: false) { Id = channel.Rws.Ids.Next() });
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.IsTrue(channel.Rws.IsOpen);
        Assert.AreEqual(FakeIdentity.Legs, _alice.Runs);
    }

    [TestMethod]
    public async Task AUserWhoseTokenIsOverIsRefusedAndNobodyElseIsTakenInstead()
    {
        _alice.IsOver = true;
        var refusal = await Assert.ThrowsExactlyAsync<ChannelUnavailableException>(() => Open(Credential).GetAsync(Ftp(_alice, "alice")));
        Assert.IsFalse(refusal.IsUnreachable);
        Assert.AreEqual(SessionEndKind.LogonRefused, refusal.End.Kind);
        Assert.IsEmpty(_firewall.Logons);
    }

    [TestMethod]
    public async Task TheChannelOfAUserWhoHasLoggedOffIsClosedAlthoughItHasObjects()
    {
        var channels = Open();
        var alices = await channels.GetAsync(Ftp(_alice, "alice"));
        var bobs = await channels.GetAsync(Ftp(_bob, "bob"));
        _ = (alices.Rws.Ids.Next(), bobs.Rws.Ids.Next());
        channels.CloseIdle();
        Assert.IsTrue(alices.Rws.IsOpen);

        _alice.IsLoggedOn = false;
        channels.CloseIdle();
        Assert.AreSame(alices.Rws, await _ends.First.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.IsFalse(alices.Rws.IsOpen);
        Assert.IsTrue(bobs.Rws.IsOpen);
        Assert.AreNotSame(alices, await channels.GetAsync(Ftp(new FakeIdentity("alice"), "alice")));
    }

    [TestMethod]
    [DataRow(nameof(CredentialUse.Services), true, true, true, DisplayName = "a person, as oneself")]
    [DataRow(nameof(CredentialUse.Services), false, true, true, DisplayName = "a person, where no credentials are configured")]
    [DataRow(nameof(CredentialUse.Everyone), true, true, false, DisplayName = "a person, with credentials for everyone")]
    [DataRow(nameof(CredentialUse.Services), true, false, false, DisplayName = "a service, with the configured credentials")]
    [DataRow(nameof(CredentialUse.Services), false, false, false, DisplayName = "a service, as this process")]
    public async Task TheConfiguredCredentialsAreForServicesUnlessTheyAreForEveryone(string use, bool configured, bool isPerson, bool asOneself)
    {
        var identity = new FakeIdentity("alice") { IsPerson = isPerson };
        var channels = Open(configured ? Credential : null, Enum.Parse<CredentialUse>(use));
        try
        {
            await channels.GetAsync(Ftp(identity, "alice"));
        }
        catch (ChannelUnavailableException)
        {
            // The platform's package talks to no such firewall; what counts is that the identity was not asked.
        }

        Assert.AreEqual(asOneself, identity.Runs > 0);
    }

    [TestMethod]
    public async Task AProgramWithForceCredentialsLogsOnWithThoseWhoeverRunsIt()
    {
        await Assert.ThrowsAsync<ChannelUnavailableException>(() => Open(Credential, forced: true).GetAsync(Ftp(_alice, "alice")));
        Assert.AreEqual(0, _alice.Runs);
    }

    private static NetworkCredential Credential => new("service", "S3cret!pass", "CONTOSO");

    private static ProcessInfo Ftp(FakeIdentity identity, string user) => new(100, "ftp.exe", null, user, null) { Identity = identity };

    private FirewallChannels Open(NetworkCredential? credential = null, CredentialUse use = CredentialUse.Services, bool forced = false) => _channels = new FirewallChannels(
        new RedirectorOptions { FirewallHost = "127.0.0.1", Credential = credential, CredentialUse = use }, _firewall.EndPoint, _ends, _time,
        NullLogger<FirewallChannels>.Instance)
    {
        ForcesCredentials = _ => forced,
    };

    private sealed class Ends : IClientChannelHandler
    {
        public TaskCompletionSource<RwsClientChannel> First { get; } = new();

        public void NewMapping(RwsClientChannel channel, NewMapping mapping)
        {
        }

        public void Closed(RwsClientChannel channel, Close close)
        {
        }

        public void Ended(RwsClientChannel channel, SessionEnd end) => First.TrySetResult(channel);
    }
}
