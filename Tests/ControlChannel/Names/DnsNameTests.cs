using System.Net;
using CsCheck;
using FwRedirect.ControlChannel.Names;

namespace FwRedirect.Tests.ControlChannel.Names;

[TestClass]
public sealed class DnsNameTests
{
    [TestMethod]
    public void NamesSurviveTheWireWhateverTheirBytes() =>
        Gen.Byte.Array[1, 63].Array[1, 3].Sample(labels =>
        {
            byte[] wire = [.. labels.SelectMany(label => label.Prepend((byte)label.Length)), 0];
            var offset = 0;
            Assert.IsTrue(DnsName.TryRead(wire, ref offset, out var name));
            CollectionAssert.AreEqual(wire, DnsName.ToWire(name));
            CollectionAssert.AreEqual(wire, DnsName.ToWire(name + "."));
        }, iter: 5_000);

    [TestMethod]
    [DataRow("a..b")]
    [DataRow(".a")]
    [DataRow("münchen.example")]
    [DataRow("a b")]
    [DataRow("a\\256")]
    [DataRow("a\\")]
    public void WhatIsNoNameIsRefused(string name) => Assert.IsNull(DnsName.ToWire(name));

    [TestMethod]
    [DataRow("21.0.107.131.in-addr.arpa", "131.107.0.21")]
    [DataRow("21.0.107.131.IN-ADDR.arpa", "131.107.0.21")]
    [DataRow("1.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "2001:db8::21")]
    [DataRow("0.107.131.in-addr.arpa", null)]
    [DataRow("021.0.107.131.in-addr.arpa", null)]
    [DataRow("256.0.107.131.in-addr.arpa", null)]
    [DataRow("x.0.107.131.in-addr.arpa", null)]
    [DataRow("in-addr.arpa", null)]
    [DataRow("1.2.ip6.arpa", null)]
    [DataRow("www.contoso.com", null)]
    public void ReverseNamesAreAddresses(string name, string? address) =>
        Assert.AreEqual(address is null ? null : IPAddress.Parse(address), ReverseName.Address(name));
}
