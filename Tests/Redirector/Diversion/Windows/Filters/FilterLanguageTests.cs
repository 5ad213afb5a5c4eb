using FwRedirect.Tests.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Diversion.Windows.Filters;

/// <summary>The judge of our filters knows the traps of the language, one test each.</summary>
[TestClass]
public sealed class FilterLanguageTests
{
    private static readonly FilterSample Tcp = new(Raw.Tcp(Raw.At("192.168.0.2:1515"), Raw.At("131.107.0.21:21"), FwRedirect.Redirector.Packets.TcpFlags.Syn));
    private static readonly FilterSample Udp = new(Raw.Udp(Raw.At("192.168.0.2:1515"), Raw.At("131.107.0.2:53"), [1, 2, 3]));

    [TestMethod]
    [DataRow("")]
    [DataRow("tcp AND udp")]
    [DataRow("tcp.dstport == 53")]
    [DataRow("TCP")]
    [DataRow("remoteAddr == 10.0.0.0/8")]
    [DataRow("remoteAddr == fe80::1%3")]
    [DataRow("not (tcp or udp)")]
    [DataRow("!(tcp)")]
    [DataRow("tcp udp")]
    [DataRow("(tcp")]
    [DataRow("tcp)")]
    [DataRow("tcp and")]
    [DataRow("remoteAddr == 10.1")]
    [DataRow("tcp == 0000000000000000000000000000000000000001")]
    public void WhatTheCompilerRefusesIsRefused(string filter) => Assert.ThrowsExactly<FormatException>(() => new FilterLanguage(filter));

    [TestMethod]
    public void MoreThan255TestsAreRefused()
    {
        Assert.AreEqual(255, new FilterLanguage(string.Join(" or ", Enumerable.Repeat("tcp", 255))).Tests);
        Assert.ThrowsExactly<FormatException>(() => new FilterLanguage(string.Join(" or ", Enumerable.Repeat("tcp", 256))));
    }

    [TestMethod]
    [DataRow("udp.DstPort != 53", false, false, DisplayName = "a header that is absent makes the test false")]
    [DataRow("!udp.DstPort == 53", false, false, DisplayName = "with not as well")]
    [DataRow("(udp? udp.DstPort != 53: true)", true, false, DisplayName = "the conditional asks first")]
    [DataRow("remotePort != 53", true, false, DisplayName = "both protocols have a remote port")]
    [DataRow("true or false and false", true, true, DisplayName = "and binds tighter than or")]
    [DataRow("(true or tcp) and udp", false, true, DisplayName = "a parenthesis binds tighter than and")]
    [DataRow("not tcp and udp", false, true, DisplayName = "not binds to one test")]
    [DataRow("!tcp || tcp && remoteAddr == ::ffff:131.107.0.21", true, true, DisplayName = "an IPv4 address is its mapped one")]
    [DataRow("remoteAddr < fc00:: and remoteAddr >= 0.0.0.0 and remoteAddr <= 255.255.255.255", true, true, DisplayName = "one line of addresses")]
    [DataRow("ipv6 or inbound or loopback", false, false, DisplayName = "bare flags")]
    public void ATrapIsKnown(string filter, bool tcp, bool udp)
    {
        var language = new FilterLanguage(filter);
        Assert.AreEqual((tcp, udp), (language.Matches(Tcp), language.Matches(Udp)));
    }
}
