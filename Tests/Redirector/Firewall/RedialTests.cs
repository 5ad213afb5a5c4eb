using System.Net;
using System.Net.Sockets;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Firewall;
using Microsoft.Extensions.Logging.Abstractions;

namespace FwRedirect.Tests.Redirector.Firewall;

/// <summary>How sessions that have lost their connection come back, or learn that they can not.</summary>
[TestClass]
public sealed class RedialTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const string Before = "it was away before";

    public required TestContext TestContext { get; init; }

    /// <summary>A firewall that was killed: one of its sessions is refused, and the others need not wait for their grace time.</summary>
    [TestMethod]
    public async Task AllSessionsOfAFirewallThatHasEndedLearnItFromOneRefusal()
    {
        var endpoint = ClosedPort();
        var firewall = Firewall(endpoint);
        firewall.Failed(Before);
        var waiting = Enumerable.Range(0, 3).Select(_ => firewall.RedialAsync(endpoint, TestContext.CancellationToken)).ToArray();
        Assert.IsFalse(waiting.Any(redial => redial.IsCompleted));
        firewall.Probe(networkChanged: false);
        foreach (var redial in waiting)
        {
            var refused = await Assert.ThrowsExactlyAsync<SocketException>(() => redial.WaitAsync(Patience, TestContext.CancellationToken));
            Assert.AreEqual(SocketError.ConnectionRefused, refused.SocketErrorCode);
        }
    }

    /// <summary>It has moved: what one address refuses says nothing of a session at another.</summary>
    [TestMethod]
    public async Task ARefusalElsewhereEndsNothing()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var firewall = Firewall(ClosedPort());
        firewall.Failed(Before);
        var waiting = firewall.RedialAsync((IPEndPoint)listener.LocalEndpoint, TestContext.CancellationToken);
        firewall.Probe(networkChanged: false);
        for (var round = 0; round < 500 && firewall.Complaint == Before; round++)
            await Task.Delay(10, TestContext.CancellationToken);
        Assert.AreNotEqual(Before, firewall.Complaint, "the probe was refused");
        Assert.IsFalse(waiting.IsCompleted);
        firewall.Opened();
        await using var stream = await waiting.WaitAsync(Patience, TestContext.CancellationToken);
    }

    private static KnownFirewall Firewall(IPEndPoint endpoint) =>
        new FirewallList([new FirewallName(endpoint.Address.ToString(), (ushort)endpoint.Port)], TimeProvider.System, NullLogger.Instance).All[0];

    private static IPEndPoint ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }
}
