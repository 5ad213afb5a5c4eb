using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Demo;

/// <summary>
/// The article's firewall client session, F1 to F37. C is the client, I and O the firewall's two sides, S the FTP server, N the name server.
/// The server's own words (331, 230, 150) are vsftpd's here. F24 and F25 go the way that the article's sentence says, not its swapped arrows.
/// </summary>
internal static class ArticleSequence
{
    private static readonly Dictionary<string, string> Machines = new()
    {
        ["C"] = LabAddresses.Client,
        ["I"] = LabAddresses.FirewallInside,
        ["O"] = LabAddresses.FirewallOutside,
        ["S"] = LabAddresses.Server,
        ["N"] = LabAddresses.NameServer,
    };

    /// <summary>
    /// PORT and the Bind run on two connections, so that either may be first (the firewall's filter waits for the binding);
    /// the 200 comes only when both are there. vsftpd says 150 once its data connection stands, the article's server said it before.
    /// </summary>
    private const string Session =
        """
        F10  C I RWS:0x10000 Get host by name('ftp.contoso.com') from {app}
        F11  I C RWS:0x10000 Host entry response to {app} for 'ftp.contoso.com'
        F12  C I RWS:0x20000 New Connect request from {app} to 131.107.0.21/21; client will send from 192.168.0.2/{ftp:port}
        F13  I C RWS:0x20000 Connect reply to {app}; using 192.168.0.2/{ftp:port} with 192.168.0.1/{insideFtp:port} == 131.107.0.19/{outsideFtp:port} with 131.107.0.21/21
        F14  C I TCP:Flags=......S., SrcPort={ftp:port}, DstPort={insideFtp:port}
        F15  I C TCP:Flags=...A..S., SrcPort={insideFtp:port}, DstPort={ftp:port}
        F16  C I TCP:Flags=...A...., SrcPort={ftp:port}, DstPort={insideFtp:port}
        F17  I C FTP:Response to Port {ftp:port}, '220 Microsoft FTP Service'
        F18  C I FTP:Request from Port {ftp:port}, 'USER anonymous'
        F19  I C FTP:Response to Port {ftp:port}, '331 {words331}'
        F20  C I FTP:Request from Port {ftp:port}, 'PASS me@you.com'
        F21  I C FTP:Response to Port {ftp:port}, '230 {words230}'
        [
        F22  C I RWS:0x40200 TCP bind request from {app} to 131.107.0.19/Dynamic. {app} bound to 192.168.0.2/{listen:port}
        F23  I C RWS:0x40200 Bind reply to {app} on 131.107.0.19/{outsideListen:port} successful
        F24  C I RWS:0x40200 Listen on 131.107.0.19/{outsideListen:port} from {app}
        F25  I C RWS:0x40200 Listen reply to 131.107.0.19/{outsideListen:port} on {app} successful
        |
        F26  C I FTP:Request from Port {ftp:port}, 'PORT 192,168,0,2,{listen:pair}'
        ]
        F26a I C FTP:Response to Port {ftp:port}, '200 PORT command successful.{words200}'
        F26b C I FTP:Request from Port {ftp:port}, 'LIST'
        [
        F26c I C FTP:Response to Port {ftp:port}, '150 {words150}'
        |
        F31  I C RWS:0x40200 New mapping to {app}; 131.107.0.21/20 with 131.107.0.19/{outsideListen:port} == 192.168.0.1/{insideData:port} with 192.168.0.2/{listen:port}
        F32  C I RWS:0x40200 Mapping received {mapping}
        F33  I C TCP:Flags=......S., SrcPort={insideData:port}, DstPort={listen:port}
        F34  C I TCP:Flags=...A..S., SrcPort={listen:port}, DstPort={insideData:port}
        F35  I C TCP:Flags=...A...., SrcPort={insideData:port}, DstPort={listen:port}
        F37  I C FTP:Data Transfer To Client,DstPort = {listen:port},size = 169 bytes
        ]
        """;

    /// <summary>The whole of it.</summary>
    public static Sequence Inside { get; } = Sequence.Parse(
        $$"""
        F1   C I TCP:Flags=......S., SrcPort={control:port}, DstPort=1745
        F2   I C TCP:Flags=...A..S., SrcPort=1745, DstPort={control:port}
        F3   C I TCP:Flags=...A...., SrcPort={control:port}, DstPort=1745
        F4   C I RWS:Channel setup request (ISA Server compatible) for {app} as {logon} on {client} running {system}
        F5   I C RWS:Channel setup response to {app} (ISA Server compatible), authentication to {firewall} is required; encryption not required
        F6   C I NLMP:NTLM NEGOTIATE MESSAGE, Workstation Name: {station}, Workstation Domain: {stationDomain}
        F7   I C NLMP:NTLM CHALLENGE MESSAGE
        F8   C I NLMP:NTLM AUTHENTICATE MESSAGE, Domain: {domain}, User: {user}, Workstation: {workstation}
        F9   I C RWS:Logon OK
        {{Session}}
        """, Machines);

    /// <summary>Where the firewall asks nobody who it is.</summary>
    public static Sequence InsideWithoutLogon { get; } = Sequence.Parse(Session, Machines);

    /// <summary>The outside link, with the ports that the inside link has announced.</summary>
    public static Sequence Outside { get; } = Sequence.Parse(
        """
        F10a O N DNS: Query for ftp.contoso.com
        F10b N O DNS: Success, 131.107.0.21
        F12a O S TCP:Flags=......S., SrcPort={outsideFtp:port}, DstPort=21
        F12b S O TCP:Flags=...A..S., SrcPort=21, DstPort={outsideFtp:port}
        F12c O S TCP:Flags=...A...., SrcPort={outsideFtp:port}, DstPort=21
        F17a S O FTP:Response to Port {outsideFtp:port}, '220 Microsoft FTP Service'
        F18a O S FTP:Request from Port {outsideFtp:port}, 'USER anonymous'
        F19a S O FTP:Response to Port {outsideFtp:port}, '331 {words331}'
        F20a O S FTP:Request from Port {outsideFtp:port}, 'PASS me@you.com'
        F21a S O FTP:Response to Port {outsideFtp:port}, '230 {words230}'
        F27  O S FTP:Request from Port {outsideFtp:port}, 'PORT 131,107,0,19,{outsideListen:pair}'
        F27a S O FTP:Response to Port {outsideFtp:port}, '200 PORT command successful.{words200}'
        F27b O S FTP:Request from Port {outsideFtp:port}, 'LIST'
        [
        F27c S O FTP:Response to Port {outsideFtp:port}, '150 {words150}'
        |
        F28  S O TCP:Flags=......S., SrcPort=20, DstPort={outsideListen:port}
        F29  O S TCP:Flags=...A..S., SrcPort={outsideListen:port}, DstPort=20
        F30  S O TCP:Flags=...A...., SrcPort=20, DstPort={outsideListen:port}
        F36  S O FTP: Data transfer to client
        ]
        """, Machines);

    /// <summary>What has to happen on one link before something happens on the other, in a trace of both links by time.</summary>
    public static Sequence BothLinks { get; } = Sequence.Parse(
        """
        F10  C I RWS:0x10000 Get host by name('ftp.contoso.com') from {app}
        F10a O N DNS: Query for ftp.contoso.com
        F10b N O DNS: Success, 131.107.0.21
        F11  I C RWS:0x10000 Host entry response to {app} for 'ftp.contoso.com'
        F12  C I RWS:0x20000 New Connect request from {app} to 131.107.0.21/21; client will send from 192.168.0.2/{ftp:port}
        F12a O S TCP:Flags=......S., SrcPort={outsideFtp:port}, DstPort=21
        F12b S O TCP:Flags=...A..S., SrcPort=21, DstPort={outsideFtp:port}
        F13  I C RWS:0x20000 Connect reply to {app}; using 192.168.0.2/{ftp:port} with 192.168.0.1/{insideFtp:port} == 131.107.0.19/{outsideFtp:port} with 131.107.0.21/21
        F14  C I TCP:Flags=......S., SrcPort={ftp:port}, DstPort={insideFtp:port}
        F23  I C RWS:0x40200 Bind reply to {app} on 131.107.0.19/{outsideListen:port} successful
        F27  O S FTP:Request from Port {outsideFtp:port}, 'PORT 131,107,0,19,{outsideListen:pair}'
        F28  S O TCP:Flags=......S., SrcPort=20, DstPort={outsideListen:port}
        F29  O S TCP:Flags=...A..S., SrcPort={outsideListen:port}, DstPort=20
        F31  I C RWS:0x40200 New mapping to {app}; 131.107.0.21/20 with 131.107.0.19/{outsideListen:port} == 192.168.0.1/{insideData:port} with 192.168.0.2/{listen:port}
        F32  C I RWS:0x40200 Mapping received {mapping}
        F33  I C TCP:Flags=......S., SrcPort={insideData:port}, DstPort={listen:port}
        """, Machines);
}
