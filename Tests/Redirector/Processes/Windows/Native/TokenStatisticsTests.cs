using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Processes.Windows.Native;

namespace FwRedirect.Tests.Redirector.Processes.Windows.Native;

[TestClass]
[SupportedOSPlatform("windows")]
public sealed class TokenStatisticsTests
{
    /// <summary>winnt.h: LUID, LUID, LARGE_INTEGER, six 4-byte fields, LUID.</summary>
    [TestMethod]
    [DataRow(nameof(TokenStatistics.TokenId), 0)]
    [DataRow(nameof(TokenStatistics.LogonSession), 8)]
    [DataRow(nameof(TokenStatistics.ExpirationTime), 16)]
    [DataRow(nameof(TokenStatistics.TokenType), 24)]
    [DataRow(nameof(TokenStatistics.ImpersonationLevel), 28)]
    [DataRow(nameof(TokenStatistics.PrivilegeCount), 44)]
    [DataRow(nameof(TokenStatistics.ModifiedId), 48)]
    public void TheFieldsLieWhereWindowsPutsThem(string field, int offset)
    {
        Assert.AreEqual(56, Marshal.SizeOf<TokenStatistics>());
        Assert.AreEqual(offset, (int)Marshal.OffsetOf<TokenStatistics>(field));
    }
}
