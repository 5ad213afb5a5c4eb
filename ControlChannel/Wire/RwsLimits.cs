namespace FwRedirect.ControlChannel.Wire;

/// <summary>Every bound on what a peer may send, each with its reason. What breaks one ends that session, with the field named.</summary>
public static class RwsLimits
{
    /// <summary>Whole packet: the largest authentication token, its header and the client information fit; nothing else comes near.</summary>
    public const int PacketLength = 64 * 1024;

    /// <summary>Windows' default MaxTokenSize for Kerberos tickets with many groups.</summary>
    public const int AuthenticationToken = 48_000;

    /// <summary>RFC 1035, 2.3.4: a name is at most 255 octets on the wire, so 253 characters as text; some room for what a resolver must refuse itself.</summary>
    public const int HostName = 255;

    /// <summary>MAX_PATH: no executable's file name is longer.</summary>
    public const int Application = 260;

    /// <summary>UNLEN (256) and a domain before it.</summary>
    public const int UserName = 512;

    public const int ComputerName = 255;

    public const int OperatingSystem = 128;

    /// <summary>One sentence for a person.</summary>
    public const int Sentence = 512;

    /// <summary>Names of authentication packages offered in a setup response.</summary>
    public const int Packages = 8;

    /// <summary>IP protocol numbers in a setup response: TCP, UDP and a few to come.</summary>
    public const int Protocols = 16;

    /// <summary>A HOSTENT's alias list: the longest CNAME chains that resolvers follow are about 16.</summary>
    public const int Aliases = 32;

    /// <summary>A HOSTENT's address list: what fits a 4,096-byte DNS answer many times over is cut here.</summary>
    public const int Addresses = 64;

    /// <summary>Names of one address: a shared host has some dozens, and a program reads the first.</summary>
    public const int HostNames = 32;

    /// <summary>A DNS query with one question: with its options it fits a datagram; some room for long ones over TCP.</summary>
    public const int DnsQuery = 4096;

    /// <summary>A DNS answer: nearly all that DNS over TCP allows (65,535), less the packet around it.</summary>
    public const int DnsAnswer = 60_000;

    /// <summary>Data of an echo request: nearly all that a packet holds (65,507), less the packet around it.</summary>
    public const int EchoData = 60_000;

    /// <summary>The secret, the nonce and the proof of a resumed session: what HMAC-SHA256 takes and gives.</summary>
    public const int ResumeSecret = 32;

    /// <summary>Messages of one side that the other has not acknowledged; more is a peer that acknowledges nothing. A full set of requests and of their replies fits many times.</summary>
    public const int UnacknowledgedMessages = 16_384;

    /// <summary>A session that was lost is kept for an hour at most, whatever is configured.</summary>
    public const int ResumeGraceSeconds = 3600;

    /// <summary>Tagged fields in one message: a handful are defined.</summary>
    public const int TaggedFields = 64;

    /// <summary>Requests of one session that may wait for their reply at once: a load generator opens thousands of connections, a client holds up to 2,048 SYNs at a time.</summary>
    public const int OutstandingRequests = 4096;
}
