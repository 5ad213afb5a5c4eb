using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.Tests.ControlChannel.Authentication;

namespace FwRedirect.Tests.Diagnostics;

/// <summary>The article's two sessions as captures: every packet of its tables, in order.</summary>
internal static class ArticleSession
{
    public const string Client = "192.168.0.2", Inside = "192.168.0.1", Outside = "131.107.0.19", Server = "131.107.0.21", Dns = "131.107.0.2";

    private const string Control = Client + ":1423", Firewall = Inside + ":1745";

    public static TraceBuilder Direct()
    {
        var trace = new TraceBuilder();
        trace.Udp(Outside + ":1025", Dns + ":53", PacketBytes.Dns("ftp.contoso.com", response: false));
        trace.Udp(Dns + ":53", Outside + ":1025", PacketBytes.Dns("ftp.contoso.com", response: true, addresses: Server));
        trace.Handshake(Outside + ":2345", Server + ":21");
        Logon(trace, Outside + ":2345", Server + ":21");
        List(trace, Outside + ":2345", Server + ":21", "PORT 131,107,0,19,4,210");
        trace.Handshake(Server + ":20", Outside + ":1234");
        trace.Segment(Server + ":20", Outside + ":1234", new byte[169]);
        return trace;
    }

    public static TraceBuilder Redirected()
    {
        var trace = new TraceBuilder();
        trace.Handshake(Control, Firewall);
        FromClient(trace, new ChannelSetupRequest("ISA Server compatible", 1, new ClientInfo("<User>", "<Client>", "Windows XP", 32)), 0);
        FromFirewall(trace, new ChannelSetupResponse("ISA Server compatible", "<Firewall>", true, false, ["NTLM"], IPAddress.Parse(Outside), TimeSpan.FromSeconds(60)), 0);
        FromClient(trace, new Authenticate("NTLM", NlmpTokens.Negotiate("<Domain>", "<Client>"), false), 0);
        FromFirewall(trace, new Authenticate("NTLM", NlmpTokens.Challenge("<Domain>"), true), 0);
        FromClient(trace, new Authenticate("NTLM", NlmpTokens.Authenticate("<Domain>", "<User>", "<Client>"), false), 0);
        FromFirewall(trace, new LogonOk("CONTOSO\\alice", default), 0);
        FromClient(trace, new GetHostByName("ftp.contoso.com"), 0x10000);
        FromFirewall(trace, new HostEntry("ftp.contoso.com", "ftp.contoso.com", [], [IPAddress.Parse(Server)], TimeSpan.FromSeconds(60)), 0x10000);
        FromClient(trace, new ConnectRequest(At(Server, 21), At(Client, 1516)), 0x20000);
        FromFirewall(trace, new ConnectReply(At(Client, 1516), At(Inside, 6789), At(Outside, 1590), At(Server, 21)), 0x20000);
        trace.Handshake(Client + ":1516", Inside + ":6789");
        Logon(trace, Outside + ":1590", Server + ":21");
        Logon(trace, Client + ":1516", Inside + ":6789");
        FromClient(trace, new BindRequest(6, At(Outside, 0), At(Client, 1234)), 0x40200);
        FromFirewall(trace, new BindReply(At(Outside, 2345)), 0x40200);
        FromClient(trace, new ListenRequest(At(Outside, 2345), 5), 0x40200);
        FromFirewall(trace, new ListenReply(At(Outside, 2345)), 0x40200);
        List(trace, Client + ":1516", Inside + ":6789", "PORT 192,168,0,2,4,210");
        List(trace, Outside + ":1590", Server + ":21", "PORT 131,107,0,19,9,41");
        trace.Handshake(Server + ":20", Outside + ":2345");
        FromFirewall(trace, new NewMapping(At(Server, 20), At(Outside, 2345), At(Inside, 1999), At(Client, 1234)), 0x40200);
        FromClient(trace, new MappingReceived(At(Client, 1234), At(Inside, 1999), At(Outside, 2345), At(Server, 20)), 0x40200);
        trace.Handshake(Inside + ":1999", Client + ":1234");
        trace.Segment(Server + ":20", Outside + ":2345", new byte[169]);
        trace.Segment(Inside + ":1999", Client + ":1234", new byte[169]);
        return trace;
    }

    public static IPEndPoint At(string address, int port) => new(IPAddress.Parse(address), port);

    private static void FromClient(TraceBuilder trace, RwsMessage message, uint id) =>
        trace.Rws(Control, Firewall, message with { Id = new ObjectId(id), Application = "ftp.exe" });

    private static void FromFirewall(TraceBuilder trace, RwsMessage message, uint id) =>
        trace.Rws(Firewall, Control, message with { Id = new ObjectId(id), Application = "ftp.exe" });

    private static void Logon(TraceBuilder trace, string client, string server)
    {
        trace.Text(server, client, "220 Microsoft FTP Service");
        trace.Text(client, server, "USER anonymous");
        trace.Text(server, client, "331 Anonymous access allowed, send identity (e-mail name) as password.");
        trace.Text(client, server, "PASS me@you.com");
        trace.Text(server, client, "230 Anonymous user logged in.");
    }

    private static void List(TraceBuilder trace, string client, string server, string port)
    {
        trace.Text(client, server, port);
        trace.Text(server, client, "200 PORT command successful.");
        trace.Text(client, server, "LIST");
        trace.Text(server, client, "150 Opening ASCII mode data connection for /bin/ls.");
    }
}
