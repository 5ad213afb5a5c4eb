namespace FwRedirect.Tests.Diagnostics.Decoding;

/// <summary>The article's two sessions, line by line as it prints them.</summary>
[TestClass]
public sealed class ArticleTraceTests
{
    [TestMethod]
    public void TheRedirectedSessionReadsAsInFigure6()
    {
        const string Client = "192.168.0.2", Inside = "192.168.0.1", Outside = "131.107.0.19", Server = "131.107.0.21";
        string[] expected =
        [
            .. Handshake(Client, Inside, 1423, 1745),
            $"{Client}\t{Inside}\tRWS:Channel setup request (ISA Server compatible) for ftp.exe as <User> on <Client> running Windows XP x32",
            $"{Inside}\t{Client}\tRWS:Channel setup response to ftp.exe (ISA Server compatible), authentication to <Firewall> is required; encryption not required",
            $"{Client}\t{Inside}\tNLMP:NTLM NEGOTIATE MESSAGE, Workstation Name: <Client>, Workstation Domain: <Domain>",
            $"{Inside}\t{Client}\tNLMP:NTLM CHALLENGE MESSAGE",
            $"{Client}\t{Inside}\tNLMP:NTLM AUTHENTICATE MESSAGE, Domain: <Domain>, User: <User>, Workstation: <Client>",
            $"{Inside}\t{Client}\tRWS:Logon OK",
            $"{Client}\t{Inside}\tRWS:0x10000 Get host by name('ftp.contoso.com') from ftp.exe",
            $"{Inside}\t{Client}\tRWS:0x10000 Host entry response to ftp.exe for 'ftp.contoso.com'",
            $"{Client}\t{Inside}\tRWS:0x20000 New Connect request from ftp.exe to 131.107.0.21/21; client will send from 192.168.0.2/1516",
            $"{Inside}\t{Client}\tRWS:0x20000 Connect reply to ftp.exe; using 192.168.0.2/1516 with 192.168.0.1/6789 == 131.107.0.19/1590 with 131.107.0.21/21",
            .. Handshake(Client, Inside, 1516, 6789),
            .. Logon(Outside, Server),
            .. Logon(Client, Inside),
            $"{Client}\t{Inside}\tRWS:0x40200 TCP bind request from ftp.exe to 131.107.0.19/Dynamic. ftp.exe bound to 192.168.0.2/1234",
            $"{Inside}\t{Client}\tRWS:0x40200 Bind reply to ftp.exe on 131.107.0.19/2345 successful",
            $"{Client}\t{Inside}\tRWS:0x40200 Listen on 131.107.0.19/2345 from ftp.exe",
            $"{Inside}\t{Client}\tRWS:0x40200 Listen reply to 131.107.0.19/2345 on ftp.exe successful",
            $"{Client}\t{Inside}\tFTP:Request from Port 1516,'PORT 192,168,0,2,4,210'",
            $"{Inside}\t{Client}\tFTP:Response to Port 1516, '200 PORT command successful.'",
            $"{Client}\t{Inside}\tFTP:Request from Port 1516, 'LIST'",
            $"{Inside}\t{Client}\tFTP:Response to Port 1516, '150 Opening ASCII mode data connection for /bin/ls.'",
            $"{Outside}\t{Server}\tFTP:Request from Port 1590,'PORT 131,107,0,19,9,41'",
            $"{Server}\t{Outside}\tFTP:Response to Port 1590, '200 PORT command successful.'",
            $"{Outside}\t{Server}\tFTP:Request from Port 1590, 'LIST'",
            $"{Server}\t{Outside}\tFTP:Response to Port 1590, '150 Opening ASCII mode data connection for /bin/ls.'",
            .. Handshake(Server, Outside, 20, 2345),
            $"{Inside}\t{Client}\tRWS:0x40200 New mapping to ftp.exe; 131.107.0.21/20 with 131.107.0.19/2345 == 192.168.0.1/1999 with 192.168.0.2/1234",
            $"{Client}\t{Inside}\tRWS:0x40200 Mapping received from ftp.exe; 192.168.0.2/1234 with 192.168.0.1/1999 == 131.107.0.19/2345 with 131.107.0.21/20",
            .. Handshake(Inside, Client, 1999, 1234),
            $"{Server}\t{Outside}\tFTP:Data Transfer To Client,DstPort = 2345,size = 169 bytes",
            $"{Inside}\t{Client}\tFTP:Data Transfer To Client,DstPort = 1234,size = 169 bytes",
        ];
        Compare(expected, ArticleSession.Redirected().Lines());
    }

    [TestMethod]
    public void TheDirectSessionReadsAsInFigure4()
    {
        const string Client = "131.107.0.19", Server = "131.107.0.21", Dns = "131.107.0.2";
        string[] expected =
        [
            $"{Client}\t{Dns}\tDNS: Query for ftp.contoso.com",
            $"{Dns}\t{Client}\tDNS: Success, 131.107.0.21",
            .. Handshake(Client, Server, 2345, 21),
            .. Logon(Client, Server),
            $"{Client}\t{Server}\tFTP: 'PORT 131,107,0,19,4,210'",
            $"{Server}\t{Client}\tFTP: '200 PORT command successful.'",
            $"{Client}\t{Server}\tFTP: 'LIST'",
            $"{Server}\t{Client}\tFTP: '150 Opening ASCII mode data connection for /bin/ls.'",
            .. Handshake(Server, Client, 20, 1234),
            $"{Server}\t{Client}\tFTP: Data transfer to client",
        ];
        Compare(expected, ArticleSession.Direct().Lines());
    }

    [TestMethod]
    public void TheTablesAreTheArticlesOwn()
    {
        Compare(
            [
                "FWC-connect",
                "Purpose              Transport  Client Port  Int FW Port  Ext FW Port  Server Port",
                "FWC control channel  TCP        1423*        1745         -            -",
                "DNS query/response   UDP        -            -            dynamic      53",
                "FTP control channel  TCP        1516*        6789*        1590*        21",
                "FTP data channel     TCP        1234*        1999*        2345*        20",
            ],
            ArticleSession.Redirected().Tables().Single());
        Compare(
            [
                "Direct-connect",
                "Purpose              Transport  Client Port  Server Port",
                "DNS query/response   UDP        dynamic      53",
                "FTP control channel  TCP        2345*        21",
                "FTP data channel     TCP        1234*        20",
            ],
            ArticleSession.Direct().Tables().Single());
    }

    private static string[] Handshake(string from, string to, int source, int destination) =>
    [
        $"{from}\t{to}\tTCP:Flags=......S., SrcPort={source}, DstPort={destination}",
        $"{to}\t{from}\tTCP:Flags=...A..S., SrcPort={destination}, DstPort={source}",
        $"{from}\t{to}\tTCP:Flags=...A...., SrcPort={source}, DstPort={destination}",
    ];

    private static string[] Logon(string client, string server) =>
    [
        $"{server}\t{client}\tFTP: '220 Microsoft FTP Service'",
        $"{client}\t{server}\tFTP: 'USER anonymous'",
        $"{server}\t{client}\tFTP: '331 Anonymous access allowed, send identity (e-mail name) as password.'",
        $"{client}\t{server}\tFTP: 'PASS me@you.com'",
        $"{server}\t{client}\tFTP: '230 Anonymous user logged in.'",
    ];

    private static void Compare(string[] expected, string[] actual)
    {
        for (var i = 0; i < Math.Min(expected.Length, actual.Length); i++)
            Assert.AreEqual(expected[i], actual[i], $"line {i + 1}");
        Assert.HasCount(expected.Length, actual);
    }
}
