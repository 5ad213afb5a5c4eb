using System.ComponentModel;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows;

namespace FwRedirect.Tests.Redirector.Diversion.Windows;

[TestClass]
[SupportedOSPlatform("windows")]
public sealed class WinDivertErrorsTests
{
    [TestMethod]
    [DataRow(0, "never opened")]
    [DataRow(2, "antivirus")]
    [DataRow(3, "sc delete")]
    [DataRow(5, "elevated")]
    [DataRow(6, "never opened")]
    [DataRow(87, "filter")]
    [DataRow(122, "buffer")]
    [DataRow(161, "too long")]
    [DataRow(232, "shut down")]
    [DataRow(433, "try again")]
    [DataRow(577, "signature")]
    [DataRow(592, "security product")]
    [DataRow(654, "another version")]
    [DataRow(995, "closed")]
    [DataRow(1058, "sc stop")]
    [DataRow(1060, "not installed")]
    [DataRow(1062, "not running")]
    [DataRow(1072, "try again")]
    [DataRow(1214, "interface")]
    [DataRow(1231, "interface")]
    [DataRow(1232, "time to live")]
    [DataRow(1233, "interface")]
    [DataRow(1275, "blocklist")]
    [DataRow(1753, "Base Filtering Engine")]
    public void EveryCodeOfWinDivertHasAdviceAndItsNumber(int code, string advice)
    {
        var failure = new WinDivertException(code, "WinDivert could not be opened");
        Assert.AreEqual(code, failure.Code);
        Assert.StartsWith("WinDivert could not be opened: ", failure.Message);
        Assert.Contains(advice, failure.Message);
        Assert.EndsWith($"(error {code})", failure.Message);
    }

    [TestMethod]
    public void AnyOtherCodeIsInTheSystemsWords() => Assert.AreEqual($"{new Win32Exception(31).Message} (error 31)", WinDivertErrors.Text(31));
}
