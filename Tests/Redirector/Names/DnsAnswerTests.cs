using System.Net;
using ARSoft.Tools.Net.Dns;
using FwRedirect.ControlChannel.Names;
using FwRedirect.Redirector.Names;
using FwRedirect.Tests.ControlChannel.Names;

namespace FwRedirect.Tests.Redirector.Names;

[TestClass]
public sealed class DnsAnswerTests
{
    [TestMethod]
    public void AddressesAreReadBackByAnotherLibrary()
    {
        var query = Queries.Parse(Queries.Make("FtP.contoso.com", 1, id: 77, edns: 1232));
        var answer = DnsAnswer.Addresses(query, Hosts.Make("ftp.contoso.com", [], "131.107.0.21", "131.107.0.22", "2001:db8::1"), 60);
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
        var host = Hosts.Make("edge7.cdn.example", ["WWW.contoso.com", "www.contoso.com.cdn.example", "not a name"], "2001:db8::1");
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
        var answer = DnsAnswer.Addresses(query, Hosts.Make("many.contoso.com", [], addresses), 5);
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

    [TestMethod]
    public void NamesOfAnAddressArePointers()
    {
        var query = Queries.Parse(Queries.Make("21.0.107.131.in-addr.arpa", Queries.Ptr));
        var message = DnsMessage.Parse(DnsAnswer.Pointers(query, ["ftp.contoso.com", "not a name", "www.contoso.com"], 60));
        CollectionAssert.AreEqual(
            new[] { "ftp.contoso.com.", "www.contoso.com." }, message.AnswerRecords.Cast<PtrRecord>().Select(record => record.PointerDomainName.ToString()).ToArray());
        Assert.IsTrue(message.AnswerRecords.All(record => record.TimeToLive == 60 && record.Name.ToString() == "21.0.107.131.in-addr.arpa."));
    }

    [TestMethod]
    [DataRow(DnsResponseCode.NameError, ReturnCode.NxDomain)]
    [DataRow(DnsResponseCode.NoError, ReturnCode.NoError)]
    public void AnAbsenceNamesItsZone(object code, ReturnCode expected)
    {
        var authority = new StartOfAuthority("contoso.com", "ns.contoso.com", "host\\.master.contoso.com", 7, 3600, 600, 86400, 300, 300);
        var query = Queries.Parse(Queries.Make("nobody.contoso.com", 1, edns: 1232));
        var message = DnsMessage.Parse(DnsAnswer.Absence(query, (DnsResponseCode)code, authority, 120));
        Assert.AreEqual(expected, message.ReturnCode);
        Assert.IsEmpty(message.AnswerRecords);
        var soa = (SoaRecord)message.AuthorityRecords.Single();
        Assert.AreEqual(("contoso.com.", "ns.contoso.com.", 7u, 300), (soa.Name.ToString(), soa.MasterName.ToString(), soa.SerialNumber, soa.NegativeCachingTTL));
        Assert.AreEqual(120, soa.TimeToLive);
        Assert.IsTrue(message.IsEDnsEnabled);
    }

    [TestMethod]
    public void AnAuthorityThatDnsCanNotCarryIsLeftOut()
    {
        var authority = new StartOfAuthority("contoso..com", "ns", "m", 7, 1, 1, 1, 1, 1);
        Assert.IsEmpty(DnsMessage.Parse(DnsAnswer.Absence(Queries.Parse(Queries.Make("x.y", 1)), DnsResponseCode.NameError, authority, 1)).AuthorityRecords);
    }
}
