using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Tests.ControlChannel.Names;

namespace FwRedirect.Tests.ControlChannel.Messages;

/// <summary>One message of each kind, with the values of the article, and the line that the article prints for it.</summary>
internal static class Samples
{
    public static readonly ClientInfo WindowsXp = new("alice", "CLIENT", "Windows XP", 32);

    public static IReadOnlyList<(RwsMessage Message, string Line)> All { get; } =
    [
        (new ChannelSetupRequest("ISA Server compatible", 1, WindowsXp) { Application = "ftp.exe" },
            "RWS:Channel setup request (ISA Server compatible) for ftp.exe as alice on CLIENT running Windows XP x32"),
        (new ChannelSetupResponse("ISA Server compatible", "FIREWALL", true, false, ["Negotiate", "NTLM"], Ip("131.107.0.19"), TimeSpan.FromSeconds(15)) { Application = "ftp.exe", Protocols = [6, 17] },
            "RWS:Channel setup response to ftp.exe (ISA Server compatible), authentication to FIREWALL is required; encryption not required"),
        (new Authenticate("NTLM", new byte[] { 1, 2, 3 }, IsFromFirewall: false) { Application = "ftp.exe" }, "GSS-API:Token, 3 bytes"),
        (new Authenticate("NTLM", new byte[] { 4 }, IsFromFirewall: true) { Application = "ftp.exe" }, "GSS-API:Token, 1 bytes"),
        (new LogonOk("CONTOSO\\alice", new byte[] { 9 }) { Application = "ftp.exe" }, "RWS:Logon OK"),
        (new LogonFailure("FIREWALL did not accept the user name or the password") { Application = "ftp.exe" },
            "RWS:Logon failed: FIREWALL did not accept the user name or the password"),
        (new GetHostByName("ftp.contoso.com") { Id = new(0x10000), Application = "ftp.exe" },
            "RWS:0x10000 Get host by name('ftp.contoso.com') from ftp.exe"),
        (new HostEntry("ftp.contoso.com", "server.contoso.com", ["ftp.contoso.com"], [Ip("131.107.0.21"), Ip("2001:db8::21")], TimeSpan.FromSeconds(60)) { Id = new(0x10000), Application = "ftp.exe" },
            "RWS:0x10000 Host entry response to ftp.exe for 'ftp.contoso.com'"),
        (new GetHostByAddress(Ip("131.107.0.21")) { Id = new(0x50000), Application = "ftp.exe" }, "RWS:0x50000 Get host by address(131.107.0.21) from ftp.exe"),
        (new HostNames(Ip("131.107.0.21"), ["ftp.contoso.com", "www.contoso.com"], TimeSpan.FromSeconds(60)) { Id = new(0x50000), Application = "ftp.exe" },
            "RWS:0x50000 Host entry response to ftp.exe for 131.107.0.21"),
        (new DnsQueryRequest(Queries.Make("contoso.com", 15)) { Id = new(0x60000), Application = "dig" }, "RWS:0x60000 DNS query('contoso.com' MX) from dig"),
        (new DnsQueryReply(Queries.Answer(Queries.Make("contoso.com", 15), 3)) { Id = new(0x60000), Application = "dig" },
            "RWS:0x60000 DNS answer to dig for 'contoso.com' MX; NXDOMAIN, 0 records"),
        (new ErrorReply(OpCode.GetHostByName, WinsockError.WSANO_DATA, "no address") { Id = new(0x10000), Application = "ftp.exe", Authority = new("contoso.com", "ns.contoso.com", "h.contoso.com", 1, 2, 3, 4, 5, 6) },
            "RWS:0x10000 Host entry response to ftp.exe failed; 11004 WSANO_DATA: no address"),
        (new ConnectRequest(At("131.107.0.21:21"), At("192.168.0.2:1516"), "ftp.contoso.com") { Id = new(0x20000), Application = "ftp.exe" },
            "RWS:0x20000 New Connect request from ftp.exe to 131.107.0.21/21; client will send from 192.168.0.2/1516"),
        (new ConnectReply(At("192.168.0.2:1516"), At("192.168.0.1:6789"), At("131.107.0.19:1590"), At("131.107.0.21:21")) { Id = new(0x20000), Application = "ftp.exe", FirewallHandle = 7 },
            "RWS:0x20000 Connect reply to ftp.exe; using 192.168.0.2/1516 with 192.168.0.1/6789 == 131.107.0.19/1590 with 131.107.0.21/21"),
        (new BindRequest(6, At("131.107.0.19:0"), At("192.168.0.2:1234")) { Id = new(0x40200), Application = "ftp.exe" },
            "RWS:0x40200 TCP bind request from ftp.exe to 131.107.0.19/Dynamic. ftp.exe bound to 192.168.0.2/1234"),
        (new BindReply(At("131.107.0.19:2345")) { Id = new(0x40200), Application = "ftp.exe" },
            "RWS:0x40200 Bind reply to ftp.exe on 131.107.0.19/2345 successful"),
        (new ListenRequest(At("131.107.0.19:2345"), 5) { Id = new(0x40200), Application = "ftp.exe" },
            "RWS:0x40200 Listen on 131.107.0.19/2345 from ftp.exe"),
        (new ListenReply(At("131.107.0.19:2345")) { Id = new(0x40200), Application = "ftp.exe" },
            "RWS:0x40200 Listen reply to 131.107.0.19/2345 on ftp.exe successful"),
        (new NewMapping(At("131.107.0.21:20"), At("131.107.0.19:2345"), At("192.168.0.1:1999"), At("192.168.0.2:1234")) { Id = new(0x40200), Application = "ftp.exe", FirewallMapping = 0x10001 },
            "RWS:0x40200 New mapping to ftp.exe; 131.107.0.21/20 with 131.107.0.19/2345 == 192.168.0.1/1999 with 192.168.0.2/1234"),
        (new MappingReceived(At("192.168.0.2:1234"), At("192.168.0.1:1999"), At("131.107.0.19:2345"), At("131.107.0.21:20")) { Id = new(0x40200), Application = "ftp.exe", FirewallMapping = 0x10001, ClientMapping = 1 },
            "RWS:0x40200 Mapping received from ftp.exe; 192.168.0.2/1234 with 192.168.0.1/1999 == 131.107.0.19/2345 with 131.107.0.21/20"),
        (new ConnectRequest(At("131.107.0.21:69"), At("192.168.0.2:2070")) { Id = new(0x60000), Application = "tftp.exe", Association = new(new ObjectId(0x50200)) },
            "RWS:0x60000 New Connect request from tftp.exe to 131.107.0.21/69; client will send from 192.168.0.2/2070, UDP of 0x50200"),
        (new MappingError(WinsockError.WSAECONNREFUSED, At("131.107.0.21:69"), "nobody listens") { Id = new(0x60000), Application = "tftp.exe", FirewallMapping = 7 },
            "RWS:0x60000 Mapping error to tftp.exe; 131.107.0.21/69: 10061 WSAECONNREFUSED: nobody listens"),
        (new EchoRequest(Ip("131.107.0.21"), 64, EchoFlags.DontFragment, 0x1A2B, 7, new byte[] { 1, 2, 3 }) { Id = new(0x70000), Application = "ping", DestinationName = "ftp.contoso.com" },
            "RWS:0x70000 Echo request from ping to 131.107.0.21; identifier 0x1A2B, sequence 7, TTL 64, 3 bytes"),
        (new EchoReply(Ip("131.107.0.21"), 63, 0x1A2B, 7, new byte[] { 1, 2, 3 }) { Id = new(0x70000), Application = "ping" },
            "RWS:0x70000 Echo reply to ping from 131.107.0.21; identifier 0x1A2B, sequence 7, TTL 63, 3 bytes"),
        (new EchoError(Ip("2001:db8::1"), 3, 4, 1280, Ip("131.107.0.21"), 0x001B, 7, "too large") { Id = new(0x70000), Application = "ping" },
            "RWS:0x70000 Echo error to ping from 2001:db8::1; ICMP 3/4 for 131.107.0.21, identifier 0x001B, sequence 7: too large"),
        (new Close("", IsFromFirewall: false) { Id = new(0x20000), Application = "ftp.exe" }, "RWS:0x20000 Close from ftp.exe"),
        (new Close("the firewall is stopping", IsFromFirewall: true) { Id = new(0x40200), Application = "ftp.exe" },
            "RWS:0x40200 Close to ftp.exe: the firewall is stopping"),
        (new KeepAlive { Application = "ftp.exe" }, "RWS:Keep-alive from ftp.exe"),
        (new KeepAliveReply { Application = "ftp.exe" }, "RWS:Keep-alive reply to ftp.exe"),
        (new ErrorReply(OpCode.Connect, WinsockError.WSAECONNREFUSED, "131.107.0.21/21 refused the connection") { Id = new(0x20000), Application = "ftp.exe" },
            "RWS:0x20000 Connect reply to ftp.exe failed; 10061 WSAECONNREFUSED: 131.107.0.21/21 refused the connection"),
        (new GetSettings { Id = new(0x10000), Application = "fwredirect" }, "RWS:0x10000 Get settings from fwredirect"),
        (new SettingsReply(Content) { Id = new(0x10000), Application = "fwredirect" },
            "RWS:0x10000 Settings to fwredirect; version 1f; 2 local addresses, 1 local domains, 1 application settings"),
        (new SettingsChanged(Content with { ClientEntriesWin = true, LocalDomains = [] }) { Id = new(0x10000), Application = "fwredirect" },
            "RWS:0x10000 Settings changed for fwredirect; version 1f; 2 local addresses, 0 local domains, 1 application settings"),
        (new ChannelSetupResponse("ISA Server compatible", "FIREWALL", false, false, [], Ip("131.107.0.19"), TimeSpan.FromSeconds(15)) { Application = "ftp.exe", SettingsVersion = "1f" },
            "RWS:Channel setup response to ftp.exe (ISA Server compatible), authentication to FIREWALL is not required; encryption not required"),
        (new SessionTicket(0xABC, new byte[32], TimeSpan.FromSeconds(45)) { Application = "ftp.exe" }, "RWS:Session ticket to ftp.exe: 0xABC, kept for 45 s"),
        (new ChannelSetupRequest("ISA Server compatible", 1, WindowsXp) { Application = "ftp.exe", Resumption = new(0xABC, 7), KillOldSession = true },
            "RWS:Channel setup request (ISA Server compatible) for ftp.exe as alice on CLIENT running Windows XP x32"),
        (new ChannelSetupResponse("ISA Server compatible", "FIREWALL", false, false, [], Ip("131.107.0.19"), TimeSpan.FromSeconds(15)) { Application = "ftp.exe", ResumeNonce = new byte[32] },
            "RWS:Channel setup response to ftp.exe (ISA Server compatible), authentication to FIREWALL is not required; encryption not required"),
        (new ChannelSetupResponse("ISA Server compatible", "FIREWALL", false, false, [], Ip("131.107.0.19"), TimeSpan.FromSeconds(15)) { Application = "ftp.exe", OtherInsideAddress = Ip("fd00:c0a8::1") },
            "RWS:Channel setup response to ftp.exe (ISA Server compatible), authentication to FIREWALL is not required; encryption not required"),
        (new Resume(0xABC, 5, new byte[32]) { Application = "ftp.exe" }, "RWS:Resume from ftp.exe: session 0xABC, 5 messages received"),
        (new Resumed(7, new byte[32]) { Application = "ftp.exe" }, "RWS:Resumed to ftp.exe: 7 messages received"),
        (new ErrorReply(OpCode.Resume, WinsockError.WSAEINVAL, "there is no such session") { Application = "ftp.exe" },
            "RWS:Resume to ftp.exe failed; 10022 WSAEINVAL: there is no such session"),
        (new Acknowledge(32, IsFromFirewall: false) { Application = "ftp.exe" }, "RWS:Acknowledge from ftp.exe: 32 messages received"),
        (new Acknowledge(32, IsFromFirewall: true) { Application = "ftp.exe" }, "RWS:Acknowledge to ftp.exe: 32 messages received"),
        (new EndOfSession("done", IsFromFirewall: false) { Application = "ftp.exe" }, "RWS:End of session from ftp.exe: done"),
    ];

    private static SettingsContent Content => new("1f", false, [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8::/32")], ["corp.example"], [new SettingEntry("*", "Persistent", "1")]);

    private static IPAddress Ip(string text) => IPAddress.Parse(text);

    private static IPEndPoint At(string text) => IPEndPoint.Parse(text);
}
