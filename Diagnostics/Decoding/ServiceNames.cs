namespace FwRedirect.Diagnostics.Decoding;

/// <summary>What a connection is for, by the server's port (the names of the IANA registry, as people say them).</summary>
internal static class ServiceNames
{
    public const string Dns = "DNS query/response";
    public const string FtpControl = "FTP control channel";
    public const string FtpData = "FTP data channel";
    public const string ControlChannel = "FWC control channel";

    public static string Of(string transport, int port) => port switch
    {
        FtpDataEndpoints.ServerDataPort => FtpData,
        FtpRoles.ControlPort => FtpControl,
        22 => "SSH",
        23 => "Telnet",
        25 => "SMTP",
        DnsMessage.Port => Dns,
        80 => "HTTP",
        110 => "POP3",
        123 => "NTP",
        143 => "IMAP",
        443 => "HTTPS",
        993 => "IMAPS",
        995 => "POP3S",
        3389 => "RDP",
        _ => $"{transport} port {port}",
    };
}
