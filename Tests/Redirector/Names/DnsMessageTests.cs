using System.Net;
using ARSoft.Tools.Net.Dns;
using CsCheck;
using FwRedirect.Redirector.Names;
using DnsQuery = FwRedirect.Redirector.Names.DnsQuery;

namespace FwRedirect.Tests.Redirector.Names;

[TestClass]
public sealed class DnsMessageTests
{
    [TestMethod]
    public void QueryIsRead()
    {
        var query = Queries.Parse(Queries.Make("FTP.Contoso.com", 1, id: 0xBEEF));
        Assert.AreEqual("FTP.Contoso.com", query.Name);
        Assert.AreEqual(0xBEEF, query.Id);
        Assert.AreEqual(DnsType.A, query.Type);
        Assert.IsTrue(query.RecursionDesired);
        Assert.IsFalse(query.HasEdns);
        Assert.AreEqual(512, query.UdpSize);
        query = Queries.Parse(Queries.Make("x", 28, edns: 4096));
        Assert.IsTrue(query.HasEdns);
        Assert.AreEqual(4096, query.UdpSize);
    }

    [TestMethod]
    [DataRow(2, 0x80, DisplayName = "an answer")]
    [DataRow(2, 0x28, DisplayName = "another opcode")]
    [DataRow(5, 2, DisplayName = "two questions")]
    [DataRow(7, 1, DisplayName = "an answer record")]
    [DataRow(12, 0xC0, DisplayName = "compressed")]
    [DataRow(12, 64, DisplayName = "label too long")]
    [DataRow(11, 1, DisplayName = "additional record missing")]
    public void WhatIsNoQueryIsRefused(int at, int value)
    {
        var message = Queries.Make("ftp.contoso.com", 1);
        message[at] = (byte)value;
        Assert.IsFalse(DnsQuery.TryParse(message, out _));
    }

    [TestMethod]
    public void NothingThrows() =>
        Gen.Select(Gen.Int[0, 60], Gen.Select(Gen.Int[0, 59], Gen.Byte).Array[0, 5]).Sample(
            (length, changes) =>
            {
                var message = Queries.Make("ftp.contoso.com", 1, edns: 1232);
                foreach (var (at, value) in changes)
                    message[at % message.Length] = value;
                if (DnsQuery.TryParse(message.AsSpan(0, Math.Min(length, message.Length)), out var query))
                    Assert.IsLessThanOrEqualTo(query.UdpSize, DnsAnswer.NoData(query).Length);
            },
            iter: 50_000);

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
    public void AddressesAreReadBackByAnotherLibrary()
    {
        var query = Queries.Parse(Queries.Make("FtP.contoso.com", 1, id: 77, edns: 1232));
        var answer = DnsAnswer.Addresses(query, Queries.Host("ftp.contoso.com", [], "131.107.0.21", "131.107.0.22", "2001:db8::1"), 60);
        var message = DnsMessage.Parse(answer);
        Assert.AreEqual(77, message.TransactionID);
        Assert.IsTrue(message.IsRecursionAllowed && message.IsRecursionDesired && !message.IsTruncated);
        Assert.IsTrue(message.IsEDnsEnabled);
        CollectionAssert.AreEqual(query.Question.ToArray(), answer[12..(12 + query.Question.Length)]);
        CollectionAssert.AreEqual(
            new[] { IPAddress.Parse("131.107.0.21"), IPAddress.Parse("131.107.0.22") },
            message.AnswerRecords.Cast<ARecord>().Select(record => record.Address).ToArray());
        Assert.IsTrue(message.AnswerRecords.All(record => record.TimeToLive == 60 && record.Name.ToString() == "FtP.contoso.com."));
    }

    [TestMethod]
    public void AliasesBecomeAChain()
    {
        var query = Queries.Parse(Queries.Make("www.contoso.com", 28));
        var host = Queries.Host("edge7.cdn.example", ["WWW.contoso.com", "www.contoso.com.cdn.example", "not a name"], "2001:db8::1");
        var message = DnsMessage.Parse(DnsAnswer.Addresses(query, host, 5));
        CollectionAssert.AreEqual(
            new[] { "www.contoso.com.>www.contoso.com.cdn.example.", "www.contoso.com.cdn.example.>edge7.cdn.example." },
            message.AnswerRecords.OfType<CNameRecord>().Select(record => $"{record.Name}>{record.CanonicalName}").ToArray());
        var address = message.AnswerRecords.OfType<AaaaRecord>().Single();
        Assert.AreEqual("edge7.cdn.example.", address.Name.ToString());
        Assert.AreEqual(IPAddress.Parse("2001:db8::1"), address.Address);
    }

    [TestMethod]
    [DataRow(0, 512)]
    [DataRow(1000, 1000)]
    [DataRow(60_000, 1232)]
    public void WhatDoesNotFitIsCutAndSaidToBe(int edns, int most)
    {
        var query = Queries.Parse(Queries.Make("many.contoso.com", 1, edns: (ushort)edns));
        var addresses = Enumerable.Range(1, 200).Select(i => $"131.107.1.{i}").ToArray();
        var answer = DnsAnswer.Addresses(query, Queries.Host("many.contoso.com", [], addresses), 5);
        Assert.IsLessThanOrEqualTo(most, answer.Length);
        Assert.IsGreaterThan(most - 32, answer.Length);
        var message = DnsMessage.Parse(answer);
        Assert.IsTrue(message.IsTruncated);
        Assert.IsNotEmpty(message.AnswerRecords);
    }

    [TestMethod]
    [DataRow(DnsResponseCode.NameError, ReturnCode.NxDomain)]
    [DataRow(DnsResponseCode.ServerFailure, ReturnCode.ServerFailure)]
    [DataRow(DnsResponseCode.NotImplemented, ReturnCode.NotImplemented)]
    public void ErrorsCarryTheirCode(object code, ReturnCode expected)
    {
        var message = DnsMessage.Parse(DnsAnswer.Error(Queries.Parse(Queries.Make("x.y", 1)), (DnsResponseCode)code));
        Assert.AreEqual(expected, message.ReturnCode);
        Assert.IsEmpty(message.AnswerRecords);
        Assert.HasCount(1, message.Questions);
    }
}
