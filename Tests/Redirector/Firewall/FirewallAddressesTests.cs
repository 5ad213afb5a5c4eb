using System.Net;
using System.Net.Sockets;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Firewall;
using Microsoft.Extensions.Logging.Abstractions;

namespace FwRedirect.Tests.Redirector.Firewall;

[TestClass]
public sealed class FirewallAddressesTests
{
    private int _changes;

    [TestMethod]
    [DataRow("192.168.0.1", AddressFamily.InterNetwork, "fd00::1")]
    [DataRow("fd00::1", AddressFamily.InterNetworkV6, "192.168.0.1")]
    public void WhatIsWrittenStandsAndTheOtherIsTold(string written, AddressFamily family, string told)
    {
        var addresses = Make(written);
        var other = family == AddressFamily.InterNetwork ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        Assert.AreEqual(family, addresses.Preferred);
        Assert.IsFalse(addresses.MayBeAt(other) || addresses.IsTold(other));
        Assert.IsTrue(addresses.Tell(other, IPAddress.Parse(told)));
        Assert.AreEqual(1, _changes);
        Assert.AreEqual(new IPEndPoint(IPAddress.Parse(told), 1745), addresses.Of(other).Single());
        Assert.IsFalse(addresses.Tell(other, IPAddress.Parse(told)), "nothing new");
        // A firewall that was started anew may have it no more.
        Assert.IsTrue(addresses.Tell(other, null));
        Assert.IsTrue(addresses.IsTold(other));
        Assert.IsFalse(addresses.MayBeAt(other));
        addresses.Tell(family, null);
        Assert.AreEqual(IPAddress.Parse(written), addresses.Of(family).Single().Address);
    }

    [TestMethod]
    [DataRow("fe80::1")]
    [DataRow("ff02::1")]
    [DataRow("::")]
    [DataRow("::1")]
    [DataRow("::ffff:192.168.0.7")]
    [DataRow("192.168.0.7")]
    public void AnAddressThatLeadsElsewhereIsNotBelieved(string told)
    {
        var addresses = Make("192.168.0.1");
        Assert.IsFalse(addresses.Tell(AddressFamily.InterNetworkV6, IPAddress.Parse(told)));
        Assert.IsEmpty(addresses.Of(AddressFamily.InterNetworkV6));
    }

    [TestMethod]
    [DataRow("0.0.0.0")]
    [DataRow("127.0.0.1")]
    [DataRow("169.254.0.1")]
    [DataRow("224.0.0.1")]
    public void NorOneOfIPv4(string told)
    {
        var addresses = Make("fd00::1");
        Assert.IsFalse(addresses.Tell(AddressFamily.InterNetwork, IPAddress.Parse(told)));
    }

    /// <summary>Until its name is known it may be anywhere, and is looked for by both versions.</summary>
    [TestMethod]
    public async Task ANameIsLookedUpInBothVersions()
    {
        var addresses = Make("localhost");
        Assert.IsTrue(addresses.MayBeAt(AddressFamily.InterNetwork));
        await addresses.ResolveAsync(CancellationToken.None);
        Assert.AreEqual(IPAddress.Loopback, addresses.Of(AddressFamily.InterNetwork).Single().Address);
        Assert.IsTrue(addresses.Of(AddressFamily.InterNetworkV6).All(e => IPAddress.IPv6Loopback.Equals(e.Address)));
        // What the firewall says it has not, its name can not give it.
        addresses.Tell(AddressFamily.InterNetworkV6, null);
        Assert.IsFalse(addresses.MayBeAt(AddressFamily.InterNetworkV6));
    }

    [TestMethod]
    public async Task ANameThatIsNotFoundIsLookedForAgain()
    {
        var addresses = Make("no-such-host.invalid");
        await addresses.ResolveAsync(CancellationToken.None);
        Assert.IsEmpty(addresses.Of(AddressFamily.InterNetwork));
        Assert.IsTrue(addresses.MayBeAt(AddressFamily.InterNetwork));
    }

    private FirewallAddresses Make(string host) =>
        new(new FirewallName(host, 1745), TimeProvider.System, NullLogger.Instance) { Changed = () => _changes++ };
}
