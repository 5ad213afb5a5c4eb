using System.Buffers;
using System.Net;
using System.Text;
using FwRedirect.FirewallHost.Filters.Ftp;

namespace FwRedirect.Tests.FirewallHost.Filters.Ftp;

/// <summary>An FTP server inside: what it says of the port that it waits at.</summary>
[TestClass]
public sealed class FtpPassiveReplyTests
{
    private static readonly IPAddress Server = IPAddress.Parse("192.168.0.2");
    private static readonly IPEndPoint Outside = IPEndPoint.Parse("131.107.0.19:2345");

    [TestMethod]
    [DataRow("227 Entering Passive Mode (192,168,0,2,4,210).\r\n", "227 Entering Passive Mode (131,107,0,19,9,41).\r\n", DisplayName = "vsftpd")]
    [DataRow("227 =192,168,0,2,4,210\r\n", "227 =131,107,0,19,9,41\r\n", DisplayName = "without brackets")]
    [DataRow("227 Ok: 192,168,0,2,4,210 \n", "227 Ok: 131,107,0,19,9,41 \n", DisplayName = "bare line feed")]
    [DataRow("229 Entering Extended Passive Mode (|||1234|)\r\n", "229 Entering Extended Passive Mode (|||2345|)\r\n", DisplayName = "EPSV")]
    [DataRow("229 ok (!!!1234!).\r\n", "229 ok (!!!2345!).\r\n", DisplayName = "EPSV, other delimiter")]
    [DataRow("230 in\r\n227 (192,168,0,2,4,210)\r\n150 go\r\n", "230 in\r\n227 (131,107,0,19,9,41)\r\n150 go\r\n", DisplayName = "among others")]
    public void TheServersOwnEndpointIsRewritten(string input, string expected) => Assert.AreEqual(expected, Run(input));

    [TestMethod]
    [DataRow("227 Entering Passive Mode (192,168,0,3,4,210).\r\n", DisplayName = "another's address")]
    [DataRow("227 Entering Passive Mode (192,168,0,2,0,0).\r\n", DisplayName = "port 0")]
    [DataRow("227 Entering Passive Mode (192,168,0,2,4).\r\n", DisplayName = "five numbers")]
    [DataRow("227 Entering Passive Mode (192,168,0,2,4,210,1).\r\n", DisplayName = "seven numbers")]
    [DataRow("227 Entering Passive Mode (192,168,0,2,4,256).\r\n", DisplayName = "number over 255")]
    [DataRow("227-192,168,0,2,4,210\r\n", DisplayName = "a first line of several")]
    [DataRow("229 Entering Extended Passive Mode (|||99999|)\r\n", DisplayName = "no port")]
    [DataRow("229 Entering Extended Passive Mode (||1234|)\r\n", DisplayName = "two delimiters")]
    [DataRow("229 Entering Extended Passive Mode\r\n", DisplayName = "nothing")]
    [DataRow("2270 192,168,0,2,4,210\r\n", DisplayName = "no code")]
    [DataRow("150 227 (192,168,0,2,4,210)\r\n", DisplayName = "not at the start")]
    [DataRow("227 (192,168,0,2,4,210)", DisplayName = "unfinished line at the end")]
    public void AllElsePassesAsItCame(string input) => Assert.AreEqual(input, Run(input));

    private static string Run(string input)
    {
        var filter = new FtpControlFilter(Server, FtpPassiveReply.Instance);
        var output = new ArrayBufferWriter<byte>();
        var rest = Encoding.ASCII.GetBytes(input).AsSpan();
        while (true)
        {
            rest = rest[filter.Take(rest, output)..];
            if (filter.Held is null)
                break;
            Assert.AreEqual(new IPEndPoint(Server, 1234), filter.Held);
            filter.Release(Outside, output);
        }

        filter.Finish(output);
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }
}
