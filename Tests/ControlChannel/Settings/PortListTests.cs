using FwRedirect.ControlChannel.Settings;

namespace FwRedirect.Tests.ControlChannel.Settings;

[TestClass]
public sealed class PortListTests
{
    [TestMethod]
    [DataRow("25", "25")]
    [DataRow("7000-7022, 7100-7170", "7000-7022,7100-7170")]
    [DataRow("1025-5000;0", "0,1025-5000", DisplayName = "the shipped setting of icq")]
    [DataRow("0,1-10", "0,1-10", DisplayName = "0 is no port next to 1")]
    [DataRow("30-40 10-20 21-29 15-18", "10-40")]
    [DataRow("80,80", "80")]
    [DataRow("0,0", "0")]
    [DataRow("65535", "65535")]
    public void IsPrintedInOrder(string text, string printed)
    {
        Assert.IsTrue(PortList.TryParse(text, out var list));
        Assert.AreEqual(printed, list.ToString());
        Assert.IsTrue(PortList.TryParse(list.ToString(), out var again));
        Assert.AreEqual(printed, again.ToString());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(",")]
    [DataRow("65536")]
    [DataRow("20-10")]
    [DataRow("0-100")]
    [DataRow("-1")]
    [DataRow("10-")]
    [DataRow("ftp")]
    [DataRow("+80")]
    public void WhatIsNoListIsRefused(string text) => Assert.IsFalse(PortList.TryParse(text, out _));

    [TestMethod]
    public void ZeroIsNoPortOfItsOwn()
    {
        var list = List("0,1025-5000");
        Assert.IsTrue(list.HasDynamic);
        Assert.IsFalse(list.Contains(0));
        Assert.IsTrue(list.Contains(1025) && list.Contains(5000));
        Assert.IsFalse(list.Contains(1024) || list.Contains(5001));
    }

    [TestMethod]
    [DataRow("25,80", "1-24,80-90", "80")]
    [DataRow("100-200", "150-300", "150-200")]
    [DataRow("0", "0,5", "0")]
    [DataRow("25", "26", null)]
    public void WhatTwoListsHaveInCommonIsNamed(string one, string other, string? common)
    {
        Assert.AreEqual(common, List(one).Common(List(other)));
        Assert.AreEqual(common, List(other).Common(List(one)));
    }

    [TestMethod]
    [DataRow("1-100", "5,50-60", true)]
    [DataRow("1-10,20-30", "5-25", false)]
    [DataRow("80", "80,443", false)]
    public void AListMayCoverAnother(string one, string other, bool covers) => Assert.AreEqual(covers, List(one).Covers(List(other)));

    private static PortList List(string text) => PortList.TryParse(text, out var list) ? list : throw new ArgumentException(text);
}
