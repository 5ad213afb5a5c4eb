using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Names;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.Tests.ControlChannel;

/// <summary>The packets of PROTOCOL.md's worked example, by the name that stands above each dump.</summary>
internal static class WorkedExample
{
    private const uint LookUp = 0x10000;
    private const uint Connection = 0x20000;
    private const uint BoundSocket = 0x40200;
    private const uint UdpSocket = 0x50200;
    private const uint UdpPeer = 0x60000;
    private const string Tftp = "tftp.exe";
    private const uint AddressLookUp = 0x50000;
    private const uint Query = 0x60000;
    private const uint Ping = 0x70000;
    private const uint LostSession = 0x5A17C0DE;

    private static readonly byte[] Secret = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly byte[] Nonce = [.. Enumerable.Range(0x41, 32).Select(i => (byte)i)];

    private static readonly IPEndPoint Client = At("192.168.0.2:1516");
    private static readonly IPEndPoint Server = At("131.107.0.21:21");
    private static readonly IPEndPoint Bound = At("192.168.0.2:1234");
    private static readonly IPEndPoint Outside = At("131.107.0.19:2345");
    private static readonly IPEndPoint Announced = At("192.168.0.1:1999");
    private static readonly IPEndPoint Peer = At("131.107.0.21:20");
    private static readonly IPEndPoint UdpBound = At("192.168.0.2:2070");
    private static readonly IPEndPoint UdpOutside = At("131.107.0.19:2070");
    private static readonly IPEndPoint TftpServer = At("131.107.0.21:69");

    /// <summary>Domain CONTOSO, workstation CLIENT, with the Version field, which gss-ntlmssp demands.</summary>
    private static readonly byte[] Negotiate = Convert.FromHexString(
        "4E544C4D53535000" + "01000000" + "15B208A2" + "0700070028000000" + "060006002F000000" + "0601B11D0000000F" + "434F4E544F534F" + "434C49454E54");

    /// <summary>_ftp._tcp.contoso.com, SRV, IN.</summary>
    private const string Question = "045F667470045F74637007636F6E746F736F03636F6D00" + "00210001";
    private static readonly byte[] Services = Convert.FromHexString("000001000001000000000000" + Question);
    private static readonly byte[] ServicesAnswer = Convert.FromHexString(
        "000081800001000100000000" + Question + "C00C002100010000003C0017" + "000000000015" + "0366747007636F6E746F736F03636F6D00");

    public static IReadOnlyDictionary<string, RwsMessage> Packets { get; } = new Dictionary<string, RwsMessage>
    {
        ["F4"] = new ChannelSetupRequest("ISA Server compatible", 1, new ClientInfo("alice", "CLIENT", "Windows XP", 32)),
        ["F5"] = new ChannelSetupResponse(
            "ISA Server compatible", "FIREWALL", true, false, ["Negotiate", "NTLM"], Outside.Address, TimeSpan.FromSeconds(15)),
        ["F6"] = new Authenticate("NTLM", Negotiate, IsFromFirewall: false),
        ["F9"] = new LogonOk("CONTOSO\\alice", default),
        ["F10"] = new GetHostByName("ftp.contoso.com") { Id = new(LookUp) },
        ["F11"] = new HostEntry(
            "ftp.contoso.com", "server.contoso.com", ["ftp.contoso.com"], [Server.Address], TimeSpan.FromSeconds(60))
        {
            Id = new(LookUp),
        },
        ["F12"] = new ConnectRequest(Server, Client, "ftp.contoso.com") { Id = new(Connection) },
        ["F13"] = new ConnectReply(Client, At("192.168.0.1:6789"), At("131.107.0.19:1590"), Server) { Id = new(Connection), FirewallHandle = 1 },
        ["F22"] = new BindRequest(6, At("131.107.0.19:0"), Bound) { Id = new(BoundSocket) },
        ["F23"] = new BindReply(Outside) { Id = new(BoundSocket), FirewallHandle = 2 },
        ["F24"] = new ListenRequest(Outside, 5) { Id = new(BoundSocket) },
        ["F25"] = new ListenReply(Outside) { Id = new(BoundSocket) },
        ["F31"] = new NewMapping(Peer, Outside, Announced, Bound) { Id = new(BoundSocket), FirewallMapping = 3 },
        ["F32"] = new MappingReceived(Bound, Announced, Outside, Peer) { Id = new(BoundSocket), ClientMapping = 3, FirewallMapping = 3 },
        ["Close"] = new Close("", IsFromFirewall: false) { Id = new(Connection) },
        ["KeepAlive"] = new KeepAlive(),
        ["KeepAliveReply"] = new KeepAliveReply(),
        ["Refused"] = new ErrorReply(OpCode.Connect, WinsockError.WSAECONNREFUSED, "131.107.0.21/21 refuses connections") { Id = new(Connection), FirewallHandle = 1 },
        ["U1"] = new BindRequest(17, UdpOutside, UdpBound) { Id = new(UdpSocket), Application = Tftp },
        ["U2"] = new ConnectRequest(TftpServer, UdpBound) { Id = new(UdpPeer), Association = new(new ObjectId(UdpSocket)), Application = Tftp },
        ["U3"] = new BindReply(UdpOutside) { Id = new(UdpSocket), FirewallHandle = 5, Application = Tftp },
        ["U4"] = new ConnectReply(UdpBound, At("192.168.0.1:6789"), UdpOutside, TftpServer) { Id = new(UdpPeer), FirewallHandle = 6, Application = Tftp },
        ["U5"] = new NewMapping(At("131.107.0.21:3050"), UdpOutside, At("192.168.0.1:6790"), UdpBound) { Id = new(UdpSocket), FirewallMapping = 7, Application = Tftp },
        ["U6"] = new MappingError(WinsockError.WSAECONNREFUSED, TftpServer, "nobody listens on 131.107.0.21/69")
        {
            Id = new(UdpPeer),
            FirewallHandle = 6,
            Application = Tftp,
        },
        ["ByAddress"] = new GetHostByAddress(Server.Address) { Id = new(AddressLookUp) },
        ["HostNames"] = new HostNames(Server.Address, ["ftp.contoso.com"], TimeSpan.FromSeconds(60)) { Id = new(AddressLookUp) },
        ["DnsQuery"] = new DnsQueryRequest(Services) { Id = new(Query) },
        ["DnsAnswer"] = new DnsQueryReply(ServicesAnswer) { Id = new(Query) },
        ["NoSuchName"] = new ErrorReply(OpCode.GetHostByName, WinsockError.WSAHOST_NOT_FOUND, "there is no name 'nobody.contoso.com'")
        {
            Id = new(LookUp),
            Authority = new StartOfAuthority("contoso.com", "ns.contoso.com", "hostmaster.contoso.com", 2026112301, 3600, 600, 86400, 300, 300),
        },
        ["Ticket"] = new SessionTicket(LostSession, Secret, TimeSpan.FromSeconds(45)),
        ["SetupAgain"] = new ChannelSetupRequest("ISA Server compatible", 1, new ClientInfo("alice", "CLIENT", "Windows XP", 32)) { Resumption = new(LostSession, 0x2A) },
        ["Resume"] = new Resume(LostSession, 5, ResumeProof.OfClient(Secret, LostSession, Nonce, 5)),
        ["Resumed"] = new Resumed(7, ResumeProof.OfFirewall(Secret, LostSession, Nonce, 7)),
        ["Acknowledge"] = new Acknowledge(32, IsFromFirewall: false),
        ["End"] = new EndOfSession("the channel was closed by this computer", IsFromFirewall: false),
        ["Echo"] = new EchoRequest(Server.Address, 64, EchoFlags.DontFragment, 0x1A2B, 1, "abcdefgh"u8.ToArray()) { Id = new(Ping), Application = "ping" },
        ["EchoReply"] = new EchoReply(Server.Address, 63, 0x1A2B, 1, "abcdefgh"u8.ToArray()) { Id = new(Ping), Application = "ping" },
        ["EchoError"] = new EchoError(At("192.168.0.1:0").Address, 11, 0, 0, Server.Address, 0x1A2B, 2, "") { Id = new(Ping), Application = "ping" },
    }.ToDictionary(entry => entry.Key, entry => entry.Value.Application.Length > 0 ? entry.Value : entry.Value with { Application = "ftp.exe" });

    private static IPEndPoint At(string text) => IPEndPoint.Parse(text);
}
