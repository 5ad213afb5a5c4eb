using System.Net;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Control;

namespace FwRedirect.Tests.FirewallHost.Control;

[TestClass]
public sealed class SessionQuotaTests
{
    private readonly SessionQuota _quota = new(most: 3);

    [TestMethod]
    public void Each_IPv4_address_has_its_own()
    {
        Assert.AreEqual(3, Enumerable.Range(0, 10).Count(_ => Enter("192.168.0.2")));
        Assert.IsTrue(Enter("192.168.0.3"));
        _quota.Leave(IPAddress.Parse("192.168.0.2"));
        Assert.IsTrue(Enter("192.168.0.2"));
        Assert.IsFalse(_quota.TryEnter(IPAddress.Parse("192.168.0.2"), out var full));
        Assert.AreEqual("192.168.0.2", $"{full}");
    }

    [TestMethod]
    public void An_IPv6_address_has_its_own_and_its_network_one_for_all()
    {
        Assert.AreEqual(3, Enumerable.Range(0, 10).Count(_ => Enter("2001:db8:1::2")));
        var others = Enumerable.Range(0, 1000).Select(i => IPAddress.Parse($"2001:db8:1::1:{i:x}")).Where(client => _quota.TryEnter(client, out _)).ToArray();
        Assert.HasCount((3 * Limits.ClientsPerNetwork) - 3, others);
        Assert.IsFalse(_quota.TryEnter(IPAddress.Parse("2001:db8:1::3"), out var full));
        Assert.AreEqual("2001:db8:1::/64", $"{full}");
        Assert.IsTrue(Enter("2001:db8:1:1::2"), "the next network");

        foreach (var client in others)
            _quota.Leave(client);
        Assert.IsTrue(Enter("2001:db8:1::3"));
        Assert.IsFalse(Enter("2001:db8:1::2"));
    }

    private bool Enter(string client) => _quota.TryEnter(IPAddress.Parse(client), out _);
}
