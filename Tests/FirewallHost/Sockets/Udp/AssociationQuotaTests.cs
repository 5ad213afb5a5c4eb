using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Sockets.Udp;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.FirewallHost.Sockets.Udp;

[TestClass]
public sealed class AssociationQuotaTests : IAssociationOwner
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogger _logger = new();
    private readonly BlockingCollection<UdpAssociation> _evicted = [];

    [TestMethod]
    [Timeout(30_000)]
    public void One_socket_too_many_of_a_client_costs_the_longest_unused_its_place_whichever_session_has_it()
    {
        var quota = new AssociationQuota(most: 2);
        using var first = Association("10.0.0.1:1");
        using var second = Association("10.0.0.1:2");
        using var third = Association("10.0.0.1:3");
        using var other = Association("10.0.0.2:1");
        quota.Add(first);
        quota.Add(second);
        quota.Add(other);
        first.Used();
        quota.Add(third);
        Assert.AreSame(second, _evicted.Take());
        quota.Remove(second);
        quota.Remove(first);
        using var fourth = Association("10.0.0.1:4");
        quota.Add(fourth);
        using var fifth = Association("10.0.0.1:5");
        quota.Add(fifth);
        Assert.AreSame(third, _evicted.Take(), "the fourth had its place by the two that went");
    }

    [TestMethod]
    [Timeout(30_000)]
    public void The_sockets_of_an_IPv6_network_are_counted_too()
    {
        var quota = new AssociationQuota(most: 1);
        var all = Enumerable.Range(1, Limits.ClientsPerNetwork).Select(i => Association($"[2001:db8:1::{i:x}]:1")).ToArray();
        foreach (var one in all)
            quota.Add(one);
        Assert.IsEmpty(_evicted);
        using var neighbour = Association("[2001:db8:2::1]:1");
        quota.Add(neighbour);
        using var last = Association("[2001:db8:1::ff]:1");
        quota.Add(last);
        Assert.AreSame(all[0], _evicted.Take());
        using var second = Association("[2001:db8:1::2]:2");
        quota.Remove(all[0]);
        quota.Add(second);
        Assert.AreSame(all[1], _evicted.Take(), "its own address has one too many");
        foreach (var one in all)
            one.Dispose();
    }

    void IAssociationOwner.Stranger(UdpAssociation association, ReadOnlySpan<byte> datagram, SocketAddress from)
    {
    }

    void IAssociationOwner.Undelivered(PeerMapping mapping, SocketError error)
    {
    }

    void IAssociationOwner.Evict(UdpAssociation association) => _evicted.Add(association);

    private UdpAssociation Association(string client)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return new UdpAssociation(
            new ObjectId(1), IPEndPoint.Parse(client), new DatagramSocket(new IPEndPoint(IPAddress.Loopback, 0), hearsErrors: false, _logger), this, new UdpOptions(),
            new DroppedDatagrams(_time, _logger), _time);
    }
}
