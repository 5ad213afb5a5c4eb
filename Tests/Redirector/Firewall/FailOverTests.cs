using System.Net;
using System.Net.Sockets;
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

/// <summary>Two firewalls in the list, one of them away.</summary>
[TestClass]
public sealed class FailOverTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new();
    private readonly TokenFirewall _second = new();
    private readonly int _firstPort = FreePort();
    private readonly FirewallList _list;
    private readonly FirewallChannels _channels;
    private TokenFirewall? _first;

    public FailOverTests()
    {
        var options = new RedirectorOptions { Firewalls = [new("127.0.0.1", _firstPort), new("127.0.0.1", _second.EndPoint.Port)] };
        _list = new FirewallList(options.Firewalls, _time, NullLogger.Instance);
        _channels = new FirewallChannels(options, _list, new Deaf(), _time, NullLogger<FirewallChannels>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _channels.DisposeAsync();
        await _second.DisposeAsync();
        if (_first is not null)
            await _first.DisposeAsync();
    }

    [TestMethod]
    public async Task NewFlowsGoToTheNextAndBackWhileThoseThatStandStay()
    {
        var over = await _channels.GetAsync(Ftp()).WaitAsync(Patience);
        Assert.AreSame(_list.All[1], over.Firewall);
        Assert.AreEqual(ReachState.Unreachable, _list.All[0].State);
        // It is known to be away: nobody dials it again for a flow.
        Assert.AreSame(over, await _channels.GetAsync(Ftp()).WaitAsync(Patience));

        _first = new TokenFirewall(_firstPort);
        (await _list.All[0].DialAsync(CancellationToken.None)).Dispose();
        var back = await _channels.GetAsync(Ftp()).WaitAsync(Patience);
        Assert.AreSame(_list.All[0], back.Firewall);
        Assert.IsTrue(over.Rws.IsOpen);
    }

    [TestMethod]
    public async Task AFirewallThatIsBackIsFoundByTheProbe()
    {
        await _channels.GetAsync(Ftp()).WaitAsync(Patience);
        _first = new TokenFirewall(_firstPort);
        var found = _list.All[0].WhenReachableAsync(CancellationToken.None);
        Assert.IsFalse(found.IsCompleted);
        _time.Advance(FirewallLimits.FirstProbe * 2);
        _list.Tick();
        await found.WaitAsync(Patience);
        Assert.AreEqual(ReachState.Reachable, _list.All[0].State);
    }

    [TestMethod]
    public async Task WhereAllAreAwayNobodyWaits()
    {
        await _second.DisposeAsync();
        var first = await Assert.ThrowsExactlyAsync<ChannelUnavailableException>(() => _channels.GetAsync(Ftp()));
        Assert.IsTrue(first.IsUnreachable);
        Assert.IsEmpty(_list.Candidates);
        var second = _channels.GetAsync(Ftp());
        Assert.IsTrue(second.IsCompleted, "it asked the network");
        await Assert.ThrowsExactlyAsync<ChannelUnavailableException>(() => second);
    }

    [TestMethod]
    public async Task ARequestIsGivenUpWhenItsFirewallIsKnownToBeAwayAndMadeAtTheNext()
    {
        _first = new TokenFirewall(_firstPort);
        var request = _channels.RequestAsync(Ftp(), _ => new GetHostByName("www.contoso.com"));
        await _first.Asked.Task.WaitAsync(Patience);
        _list.All[0].Failed("the test says so");
        await _second.Asked.Task.WaitAsync(Patience);
        _list.All[1].Failed("the test says so");
        Assert.IsTrue((await Assert.ThrowsExactlyAsync<ChannelUnavailableException>(() => request.WaitAsync(Patience))).IsUnreachable);
    }

    /// <summary>A firewall that was restarted knows nothing of the session: the program need not know.</summary>
    [TestMethod]
    public async Task ARequestWhoseSessionTurnsOutToBeOverIsMadeOnceMore()
    {
        _first = new TokenFirewall(_firstPort) { Drops = 1 };
        var request = _channels.RequestAsync(Ftp(), _ => new GetHostByName("www.contoso.com"));
        await _first.Asked.Task.WaitAsync(Patience);
        Assert.HasCount(2, _first.Logons);
        _list.All[0].Failed("the test is over");
        await Assert.ThrowsExactlyAsync<ChannelUnavailableException>(() => request.WaitAsync(Patience));
    }

    private static ProcessInfo Ftp() => new(100, "ftp.exe", null, "alice", null) { Identity = new FakeIdentity("alice") };

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Deaf : IClientChannelHandler
    {
        public void NewMapping(RwsClientChannel channel, NewMapping mapping)
        {
        }

        public void Closed(RwsClientChannel channel, Close close)
        {
        }

        public void Ended(RwsClientChannel channel, SessionEnd end)
        {
        }
    }
}
