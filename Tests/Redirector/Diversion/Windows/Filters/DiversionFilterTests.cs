using System.Net;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows.Filters;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Diversion.Windows.Filters;

[TestClass]
[SupportedOSPlatform("windows")]
public sealed class DiversionFilterTests
{
    private const string Client = "192.168.0.2:1515";

    private static readonly DiversionFilterOptions Lab = Options("192.168.0.1", "192.168.0.0/24");

    [TestMethod]
    public void TheLabsFilterReadsSo() => Assert.AreEqual(
        "!loopback and ((ip and ("
        + "(outbound and (((tcp or (udp.DstPort != 67 and udp.DstPort != 68) or icmp.Type == 8 or icmp.Type == 3) and remoteAddr > 0.255.255.255 and (remoteAddr < 127.0.0.0 or remoteAddr > 127.255.255.255)"
        + " and (remoteAddr < 169.254.0.0 or remoteAddr > 169.254.255.255) and (remoteAddr < 192.168.0.0 or remoteAddr > 192.168.0.255)"
        + " and remoteAddr < 224.0.0.0 and (remoteAddr != 192.168.0.1 or remotePort != 1745)) or udp.DstPort == 53))"
        + " or (inbound and (icmp.Type == 3 or icmp.Type == 11 or ((tcp or (udp.SrcPort != 67 and udp.SrcPort != 68)) and ((remoteAddr == 192.168.0.1 and remotePort != 1745)))))))"
        + " or (ipv6 and outbound and (udp.DstPort == 53 or ((tcp or udp or icmpv6.Type == 128) and remoteAddr != ::1 and (remoteAddr < fe80:: or remoteAddr > febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff) and remoteAddr < ff00::))))",
        DiversionFilter.Build(Lab));

    [TestMethod]
    public void TwoFirewallsAreBothLeftAndHeard()
    {
        var filter = DiversionFilter.Build(Options("192.168.0.1", "10.0.0.1") with { FirewallAddresses = [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.2"), IPAddress.IPv6Loopback] });
        Assert.Contains("(remoteAddr != 10.0.0.1 or remotePort != 1745) and (remoteAddr != 10.0.0.2 or remotePort != 1745))", filter);
        Assert.Contains("((tcp or (udp.SrcPort != 67 and udp.SrcPort != 68)) and ((remoteAddr == 10.0.0.1 and remotePort != 1745) or (remoteAddr == 10.0.0.2 and remotePort != 1745)))", filter);
        Assert.DoesNotContain("::1 ", filter.Split(" or (ipv6 ")[0]);
        Assert.IsLessThanOrEqualTo(255, new FilterLanguage(filter).Tests);
    }

    [TestMethod]
    public void NoFirewallStillMakesAFilter() =>
        Assert.IsFalse(new FilterLanguage(DiversionFilter.Build(new DiversionFilterOptions { FirewallAddresses = [] })).Matches(In(Syn("192.168.0.1:6789", Client))));

    /// <summary>Outbound TCP.</summary>
    [TestMethod]
    [DataRow("131.107.0.21:21", true, DisplayName = "a server outside")]
    [DataRow("131.107.0.21:1745", true, DisplayName = "another's port 1745")]
    [DataRow("192.168.1.1:80", true, DisplayName = "beyond the local network")]
    [DataRow("0.255.255.255:80", false, DisplayName = "this network's last")]
    [DataRow("1.0.0.0:80", true, DisplayName = "the first after it")]
    [DataRow("126.255.255.255:80", true, DisplayName = "the last before loopback")]
    [DataRow("127.0.0.1:80", false, DisplayName = "loopback by address")]
    [DataRow("128.0.0.0:80", true, DisplayName = "the first after loopback")]
    [DataRow("169.254.1.1:80", false, DisplayName = "link-local")]
    [DataRow("192.167.255.255:80", true, DisplayName = "the last before the local network")]
    [DataRow("192.168.0.0:80", false, DisplayName = "the local network's first")]
    [DataRow("192.168.0.255:80", false, DisplayName = "the local network's last")]
    [DataRow("192.168.0.1:1745", false, DisplayName = "the control channel")]
    [DataRow("192.168.0.1:6789", false, DisplayName = "the firewall itself is local")]
    [DataRow("223.255.255.255:80", true, DisplayName = "the last before multicast")]
    [DataRow("224.0.0.251:80", false, DisplayName = "multicast")]
    [DataRow("255.255.255.255:80", false, DisplayName = "broadcast")]
    [DataRow("[2001:4860::8888]:443", true, DisplayName = "IPv6")]
    [DataRow("[2001:db8:1::9]:443", true, DisplayName = "IPv6, no network of ours")]
    [DataRow("[fd00::1]:443", true, DisplayName = "unique local, and no route there")]
    [DataRow("[fe7f:ffff::1]:443", true, DisplayName = "the last before IPv6 link-local")]
    [DataRow("[fe80::1]:443", false, DisplayName = "IPv6 link-local")]
    [DataRow("[fec0::1]:443", true, DisplayName = "the first after IPv6 link-local")]
    [DataRow("[ff02::1]:443", false, DisplayName = "IPv6 multicast")]
    [DataRow("[::1]:443", false, DisplayName = "IPv6 loopback")]
    public void ASynIsDiverted(string destination, bool diverted)
    {
        var client = destination[0] == '[' ? "[2001:db8::2]:1515" : Client;
        Assert.AreEqual(diverted, Matches(Lab, Out(Syn(client, destination))));
        // Every segment of a connection goes its first one's way.
        Assert.AreEqual(diverted, Matches(Lab, Out(Raw.Tcp(Raw.At(client), Raw.At(destination), TcpFlags.Ack, payload: new byte[100]))));
    }

    /// <summary>Outbound UDP.</summary>
    [TestMethod]
    [DataRow("131.107.0.2:53", true, DisplayName = "a name server outside")]
    [DataRow("192.168.0.1:53", true, DisplayName = "a name server inside: which names are local is not in its address")]
    [DataRow("255.255.255.255:67", false, DisplayName = "DHCP to all")]
    [DataRow("192.168.0.1:67", false, DisplayName = "DHCP renewed")]
    [DataRow("224.0.0.251:5353", false, DisplayName = "mDNS")]
    [DataRow("239.255.255.250:1900", false, DisplayName = "SSDP")]
    [DataRow("192.168.0.255:137", false, DisplayName = "NetBIOS to the subnet's broadcast")]
    [DataRow("131.107.0.21:443", true, DisplayName = "QUIC")]
    [DataRow("131.107.0.21:137", true, DisplayName = "NetBIOS to somebody outside")]
    [DataRow("131.107.0.21:67", false, DisplayName = "DHCP to a relay's server")]
    [DataRow("131.107.0.21:68", false, DisplayName = "an answer of a DHCP server here")]
    [DataRow("192.168.0.7:5060", false, DisplayName = "a neighbour")]
    [DataRow("192.168.0.1:6789", false, DisplayName = "the firewall itself is local")]
    [DataRow("255.255.255.255:6112", false, DisplayName = "a game's broadcast")]
    public void ADatagramIsDiverted(string destination, bool diverted) =>
        Assert.AreEqual(diverted, Matches(Lab, Out(Raw.Udp(Raw.At("192.168.0.2:68"), Raw.At(destination), [1, 2, 3]))));

    /// <summary>IPv6 that is neither connection nor question.</summary>
    [TestMethod]
    [DataRow("[2001:4860::8888]:443", true, DisplayName = "QUIC")]
    [DataRow("[2001:4860::8888]:53", true, DisplayName = "a name server outside")]
    [DataRow("[fe80::1]:53", true, DisplayName = "a router that calls itself a name server")]
    [DataRow("[fe80::1]:547", false, DisplayName = "DHCPv6 renewed")]
    [DataRow("[ff02::1:2]:547", false, DisplayName = "DHCPv6 to all")]
    [DataRow("[ff02::fb]:5353", false, DisplayName = "mDNS")]
    public void ADatagramOfIPv6IsDiverted(string destination, bool diverted)
    {
        Assert.AreEqual(diverted, Matches(Lab, Out(Raw.Udp(Raw.At("[2001:db8::2]:546"), Raw.At(destination), [1, 2, 3]))));
        Assert.AreEqual(diverted && destination.EndsWith(":53", StringComparison.Ordinal), Matches(Lab with { RefuseIPv6 = false }, Out(Raw.Udp(Raw.At("[2001:db8::2]:546"), Raw.At(destination), [1, 2, 3]))));
    }

    [TestMethod]
    public void OfIcmpV6OnlyPingIsDiverted()
    {
        foreach (byte type in (ReadOnlySpan<byte>)[1, 2, 3, 4, 129, 133, 135, 136, 143])
            Assert.IsFalse(Matches(Lab, Out(Ping(type))), $"{type}");
        Assert.IsTrue(Matches(Lab, Out(Ping(128))));
        Assert.IsFalse(Matches(Lab, In(Ping(128))));
        static byte[] Ping(byte type) => Raw.Ip(Raw.At("[2001:db8::2]:0"), Raw.At("[2001:4860::8888]:0"), IpProtocol.IcmpV6, [type, 0, 0, 0, 0, 1, 0, 1], 2, null);
    }

    [TestMethod]
    public void NetworksOfIPv6AreLocalAsThoseOfIPv4()
    {
        var options = Options("192.168.0.1", "2001:db8:1::/64", "::ffff:0:0/96");
        Assert.IsFalse(Matches(options, Out(Syn("[2001:db8:1::2]:1515", "[2001:db8:1::9]:80"))));
        Assert.IsTrue(Matches(options, Out(Syn("[2001:db8:1::2]:1515", "[2001:db8:2::9]:80"))));
        Assert.IsFalse(Matches(Options("192.168.0.1", "::/0"), Out(Syn("[2001:db8:1::2]:1515", "[2001:db8:2::9]:80"))));
    }

    /// <summary>Inbound TCP.</summary>
    [TestMethod]
    [DataRow("192.168.0.1:6789", true, DisplayName = "an answer, or an announced connection")]
    [DataRow("192.168.0.1:1745", false, DisplayName = "the control channel")]
    [DataRow("192.168.0.9:6789", false, DisplayName = "a neighbour")]
    [DataRow("131.107.0.21:21", false, DisplayName = "somebody outside, directly")]
    public void ASegmentComesIn(string source, bool diverted)
    {
        Assert.AreEqual(diverted, Matches(Lab, In(Syn(source, Client))));
        Assert.AreEqual(diverted, Matches(Lab, In(Raw.Tcp(Raw.At(source), Raw.At(Client), TcpFlags.Syn | TcpFlags.Ack))));
    }

    /// <summary>Inbound UDP.</summary>
    [TestMethod]
    [DataRow("192.168.0.1:6789", true, DisplayName = "a peer's inside port")]
    [DataRow("192.168.0.1:53", true, DisplayName = "a name server beside the firewall: the engine lets it pass")]
    [DataRow("192.168.0.1:67", false, DisplayName = "a DHCP server beside the firewall")]
    [DataRow("192.168.0.9:6789", false, DisplayName = "a neighbour")]
    [DataRow("131.107.0.21:443", false, DisplayName = "somebody outside, directly")]
    public void ADatagramComesIn(string source, bool diverted) =>
        Assert.AreEqual(diverted, Matches(Lab, In(Raw.Udp(Raw.At(source), Raw.At(Client), [1, 2, 3]))));

    [TestMethod]
    public void IcmpErrorsComeInFromAnybodyAndGoOutToWhatIsNotLocal()
    {
        var quote = Syn(Client, "192.168.0.1:6789")[..28];
        foreach (var router in new[] { "192.168.0.1:0", "10.9.9.9:0" })
        {
            Assert.IsTrue(Matches(Lab, In(Raw.Icmp(Raw.At(router), Raw.At(Client), type: 3, code: 4, quote))));
            Assert.IsTrue(Matches(Lab, In(Raw.Icmp(Raw.At(router), Raw.At(Client), type: 11, code: 0, quote))));
            Assert.IsFalse(Matches(Lab, In(Raw.Icmp(Raw.At(router), Raw.At(Client), type: 0, code: 0, quote))));
        }

        Assert.IsTrue(Matches(Lab, Out(Raw.Icmp(Raw.At(Client), Raw.At("131.107.0.21:0"), type: 3, code: 3, quote))));
        Assert.IsFalse(Matches(Lab, Out(Raw.Icmp(Raw.At(Client), Raw.At("192.168.0.1:0"), type: 3, code: 3, quote))));
    }

    [TestMethod]
    public void PingsAreDivertedWhereTcpWouldBe()
    {
        Assert.IsTrue(Matches(Lab, Out(Raw.Icmp(Raw.At(Client), Raw.At("131.107.0.21:0"), type: 8, code: 0, [1, 2, 3]))));
        Assert.IsFalse(Matches(Lab, Out(Raw.Icmp(Raw.At(Client), Raw.At("192.168.0.7:0"), type: 8, code: 0, [1, 2, 3]))));
        Assert.IsFalse(Matches(Lab, Out(Raw.Icmp(Raw.At(Client), Raw.At("192.168.0.1:0"), type: 8, code: 0, [1, 2, 3]))));
        Assert.IsFalse(Matches(Lab, In(Raw.Icmp(Raw.At("131.107.0.21:0"), Raw.At(Client), type: 8, code: 0, [1, 2, 3]))));
        Assert.IsFalse(Matches(Lab, Out(Raw.Icmp(Raw.At(Client), Raw.At("131.107.0.21:0"), type: 0, code: 0, [1, 2, 3]))));
    }

    [TestMethod]
    public void LoopbackIsNeverSeen()
    {
        Assert.IsFalse(Matches(Lab, Out(Syn(Client, "131.107.0.21:21")) with { Loopback = true }));
        Assert.IsFalse(Matches(Lab, Out(Raw.Udp(Raw.At("127.0.0.1:5000"), Raw.At("127.0.0.1:53"), [1])) with { Loopback = true }));
    }

    [TestMethod]
    public void TheControlChannelIsLeftAloneWhereTheFirewallIsNotLocal()
    {
        var far = Options("20.0.0.1", "192.168.0.0/24") with { ControlPort = 4000 };
        Assert.IsFalse(Matches(far, Out(Syn(Client, "20.0.0.1:4000"))));
        Assert.IsFalse(Matches(far, In(Syn("20.0.0.1:4000", Client))));
        Assert.IsTrue(Matches(far, Out(Syn(Client, "20.0.0.1:1745"))));
        Assert.IsTrue(Matches(far, Out(Syn(Client, "20.0.0.2:4000"))));
        Assert.IsTrue(Matches(far, In(Syn("20.0.0.1:6789", Client))));
    }

    [TestMethod]
    public void NeighboursAndOverlapsAreOneRange()
    {
        var filter = DiversionFilter.Build(
            Options("192.168.0.1", "192.168.1.0/24", "192.168.0.0/24", "192.168.0.7/32", "168.254.0.0/16", "169.0.0.0/8", "10.1.2.3/32", "2001:db8::/32"), out var leftOut);
        Assert.AreEqual(0, leftOut);
        Assert.Contains(
            " and remoteAddr != 10.1.2.3 and (remoteAddr < 127.0.0.0 or remoteAddr > 127.255.255.255) and (remoteAddr < 168.254.0.0 or remoteAddr > 168.254.255.255)"
            + " and (remoteAddr < 169.0.0.0 or remoteAddr > 169.255.255.255) and (remoteAddr < 192.168.0.0 or remoteAddr > 192.168.1.255) and remoteAddr < 224.0.0.0 and ",
            filter);
        Assert.Contains("(remoteAddr < 2001:db8:: or remoteAddr > 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff)", filter);
    }

    [TestMethod]
    public void WhereAllIsLocalOnlyNamesAreAsked()
    {
        var options = Options("192.168.0.1", "0.0.0.0/0");
        Assert.AreEqual(
            "!loopback and ((ip and ((outbound and udp.DstPort == 53) or (inbound and (icmp.Type == 3 or icmp.Type == 11 or ((tcp or (udp.SrcPort != 67 and udp.SrcPort != 68)) and ((remoteAddr == 192.168.0.1 and remotePort != 1745)))))))"
            + " or (ipv6 and outbound and (udp.DstPort == 53 or ((tcp or udp or icmpv6.Type == 128) and remoteAddr != ::1 and (remoteAddr < fe80:: or remoteAddr > febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff) and remoteAddr < ff00::))))",
            DiversionFilter.Build(options));
        Assert.IsFalse(Matches(options, Out(Syn(Client, "131.107.0.21:21"))));
    }

    [TestMethod]
    public void WhatHasNoRoomIsTheSmallest()
    {
        // 200 networks that do not touch, 100 of them large; the lab's own comes last and is large too.
        string[] networks = [.. Enumerable.Range(0, 100).SelectMany(i => new[] { $"20.{2 * i}.0.0/24", $"30.{2 * i}.0.0/16" }), "192.168.0.0/16"];
        var options = Options("192.168.0.1", networks);
        var filter = new FilterLanguage(DiversionFilter.Build(options, out var leftOut));
        // 255 less 21, 4 of the firewall and 4 of IPv6: 226. Loopback and link-local take 4, the two ends 1 each, the 101 large ones 202: 18 for 9 small ones.
        Assert.AreEqual(91, leftOut);
        Assert.AreEqual(255, filter.Tests);
        var small = Enumerable.Range(0, 100).Count(i => !filter.Matches(Out(Syn(Client, $"20.{2 * i}.0.1:80"))));
        Assert.AreEqual(9, small);
        foreach (var local in Enumerable.Range(0, 100).Select(i => $"30.{2 * i}.3.4:80").Append("192.168.7.7:80").Append("169.254.1.1:80"))
            Assert.IsFalse(filter.Matches(Out(Syn(Client, local))), local);
        Assert.IsFalse(filter.Matches(Out(Syn(Client, "192.168.0.1:1745"))));
        Assert.IsTrue(filter.Matches(Out(Syn(Client, "131.107.0.21:80"))));
    }

    [TestMethod]
    public void AThousandNetworksStillMakeAFilterThatTheDriverTakes()
    {
        string[] networks = [.. Enumerable.Range(0, 1000).Select(i => $"50.{i / 250}.{i % 250}.4/30")];
        Assert.IsLessThanOrEqualTo(255, new FilterLanguage(DiversionFilter.Build(Options("20.0.0.1", networks))).Tests);
    }

    private static bool Matches(DiversionFilterOptions options, FilterSample sample) => new FilterLanguage(DiversionFilter.Build(options)).Matches(sample);

    private static DiversionFilterOptions Options(string firewall, params string[] networks) =>
        new() { FirewallAddresses = [IPAddress.Parse(firewall)], LocalNetworks = [.. networks.Select(ParseNetwork)] };

    private static IPNetwork ParseNetwork(string text) => IPNetwork.Parse(text.Contains('/', StringComparison.Ordinal) ? text : text + "/32");

    private static byte[] Syn(string source, string destination) => Raw.Tcp(Raw.At(source), Raw.At(destination), TcpFlags.Syn);

    private static FilterSample Out(byte[] packet) => new(packet);

    private static FilterSample In(byte[] packet) => new(packet, Outbound: false);
}
