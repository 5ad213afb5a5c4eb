using FwRedirect.ControlChannel.Messages;
using FwRedirect.Diagnostics.Decoding;

namespace FwRedirect.Tests.Diagnostics.Decoding;

[TestClass]
public sealed class FtpTests
{
    private const string Client = "131.107.0.19:2345", Server = "131.107.0.21:21";

    [TestMethod]
    public void PasswordsOfRealAccountsAreHiddenUnlessAskedFor()
    {
        var trace = new TraceBuilder();
        trace.Text(Client, Server, "USER alice");
        trace.Text(Client, Server, "PASS secret");
        CollectionAssert.AreEqual(new[] { "FTP: 'USER alice'", "FTP: 'PASS ********'" }, trace.Descriptions());
        Assert.AreEqual("FTP: 'PASS secret'", trace.Descriptions(DecodeOptions.Default with { ShowPasswords = true })[1]);
    }

    [TestMethod]
    public void CommandsSplitAndJoinedAndRepliesOfSeveralLines()
    {
        var trace = new TraceBuilder();
        trace.Segment(Client, Server, "LI"u8);
        trace.Segment(Client, Server, "ST\r\nQUIT\r\n"u8);
        trace.Segment(Server, Client, "211-Features:\r\n EPRT\r\n211 End\r\n"u8);
        CollectionAssert.AreEqual(
            new[] { "TCP:Flags=...AP..., SrcPort=2345, DstPort=21, Len=2", "FTP: 'LIST'", "FTP: 'QUIT'", "FTP: '211-Features: / EPRT / 211 End'" },
            trace.Descriptions());
    }

    [TestMethod]
    public void AnnouncedDataConnectionsAreKnownInEveryForm()
    {
        var trace = new TraceBuilder();
        trace.Text(Client, Server, "EPRT |1|131.107.0.19|3001|");
        trace.Text(Server, Client, "227 Entering Passive Mode (131,107,0,21,11,186)");
        trace.Text(Server, Client, "229 Entering Extended Passive Mode (|||3003|)");
        trace.Segment("131.107.0.21:4001", "131.107.0.19:3001", new byte[5]);
        trace.Segment("131.107.0.19:4002", "131.107.0.21:3002", new byte[5]);
        trace.Segment("131.107.0.21:3003", "131.107.0.19:4003", new byte[5]);
        CollectionAssert.AreEqual(
            new[] { "FTP: Data transfer to client", "FTP: Data transfer to server", "FTP: Data transfer to client" }, trace.Descriptions()[3..]);
    }

    [TestMethod]
    public void APassiveConnectionThroughTheFirewallIsData()
    {
        var trace = new TraceBuilder();
        const string Inside = "192.168.0.1:1745", User = "192.168.0.2:1423";
        Connect(trace, 1516, 6789, 1590, 21);
        trace.Text("192.168.0.1:6789", "192.168.0.2:1516", "230 Logged in");
        trace.Text("192.168.0.2:1516", "192.168.0.1:6789", "EPSV");
        trace.Text("192.168.0.1:6789", "192.168.0.2:1516", "229 Entering Extended Passive Mode (|||3003|)");
        Connect(trace, 1517, 6790, 1591, 3003);
        trace.Segment("192.168.0.1:6790", "192.168.0.2:1517", new byte[10]);
        trace.Segment("192.168.0.2:1517", "192.168.0.1:6790", new byte[20]);
        CollectionAssert.AreEqual(
            new[] { "FTP:Data Transfer To Client,DstPort = 1517,size = 10 bytes", "FTP:Data Transfer To Server,DstPort = 6790,size = 20 bytes" },
            trace.Descriptions()[5..]);
        Assert.AreEqual("FTP data channel     TCP        1517*        6790*        1591*        3003*", trace.Tables()[0][^1]);

        static void Connect(TraceBuilder trace, int client, int inside, int outside, int server) => trace.Rws(Inside, User,
            new ConnectReply(ArticleSession.At("192.168.0.2", client), ArticleSession.At("192.168.0.1", inside),
                ArticleSession.At("131.107.0.19", outside), ArticleSession.At("131.107.0.21", server))
            { Application = "ftp.exe" });
    }

    [TestMethod]
    public void AfterAuthTlsTheStreamIsNotReadAsText()
    {
        var trace = new TraceBuilder();
        trace.Text(Client, Server, "AUTH TLS");
        trace.Text(Server, Client, "234 Proceed");
        trace.Segment(Client, Server, "\u0016\u0003\u0001 looks like text\n"u8);
        Assert.StartsWith("TCP:", trace.Descriptions()[2]);
    }

    [TestMethod]
    public void ControlCharactersNeverReachTheTerminal()
    {
        var trace = new TraceBuilder();
        trace.Text(Server, Client, "220 \u009b31m\u007fhello\rworld");
        Assert.AreEqual("FTP: '220 ?31m?hello world'", trace.Descriptions().Single());
    }
}
