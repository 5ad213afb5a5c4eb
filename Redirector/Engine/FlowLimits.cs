namespace FwRedirect.Redirector.Engine;

/// <summary>Times in milliseconds and sizes of the flow table, each with its reason.</summary>
internal static class FlowLimits
{
    /// <summary>A backstop only: whoever asks the firewall has a shorter deadline. Every held packet must get a verdict, or it charges the program's socket for ever.</summary>
    public const long Pending = 30_000;

    /// <summary>How long the firewall's SYN may take after Mapping received.</summary>
    public const long Announced = 30_000;

    /// <summary>Windows repeats a refused SYN up to three times, half a second apart, and a timed-out one after 1 and 3 s: all of that is one attempt and one refusal.</summary>
    public const long RefusalCache = 5_000;

    /// <summary>Established TCP: RFC 5382, REQ-5, not less than 2 hours 4 minutes, so that default keep-alives (2 h) always come in time.</summary>
    public const long EstablishedIdle = ((2 * 60) + 4) * 60_000;

    /// <summary>Opening and closing TCP: RFC 5382, REQ-5, not less than 4 minutes.</summary>
    public const long TransitoryIdle = 4 * 60_000;

    /// <summary>UDP: RFC 4787, REQ-5, 5 minutes recommended.</summary>
    public const long DatagramIdle = 5 * 60_000;

    /// <summary>
    /// A UDP socket at the firewall without peers is given back after so long where nobody has told of the program's socket's end. Twice the above: who answers
    /// to a port that was quiet for its timer still finds it.
    /// </summary>
    public const long AssociationIdle = 2 * DatagramIdle;

    /// <summary>A closed UDP socket's last datagrams wait in the queue for less than this.</summary>
    public const long CloseLinger = 20;

    /// <summary>Or for the firewall's answer, which a channel that has to be opened first may delay for so long.</summary>
    public const long LongestClose = 5_000;

    /// <summary>A peer that the policy refuses is asked for anew after so long: a flood asks once, and a changed rule is seen soon.</summary>
    public const long DatagramRefusalCache = 5_000;

    /// <summary>How often a program that goes on sending to a refused peer is told so: routers limit their ICMP too (RFC 1812, 4.3.2.8).</summary>
    public const long RefusalInterval = 100;

    /// <summary>Datagrams that go without the firewall, since it did not answer, try it again after so long, and do not wait for the answer.</summary>
    public const long Direct = 30_000;

    /// <summary>Datagrams to one peer that wait for the firewall's answer: a first flight, as RFC 9002, 7.2 has it for QUIC (10), and what a call sends in a second (50).</summary>
    public const int HeldDatagrams = 64;

    /// <summary>Their bytes: 64 frames, or the two largest datagrams and something.</summary>
    public const int HeldBytes = 160 * 1024;

    /// <summary>Those of all peers together.</summary>
    public const int HeldDatagramsOfAll = 8_192;

    /// <summary>Their bytes.</summary>
    public const long HeldBytesOfAll = 16 << 20;

    /// <summary>
    /// A copy is sent by a raw socket, which cuts nothing (one Ethernet frame); what is larger, or will be cut by the system, waits in the diverter's queue at its program's cost.
    /// </summary>
    public const int LargestCopied = 1_500;

    /// <summary>Peers of one UDP socket: as many as fwhost gives (PeersPerSocket).</summary>
    public const int MostPeers = 256;

    /// <summary>UDP sockets: as many as fwhost gives one client (UdpSocketsPerClient).</summary>
    public const int MostAssociations = 4_096;

    /// <summary>UDP flows of all sockets. The one unused for longest gives way; to find it costs a look at all of them, some 100 microseconds.</summary>
    public const int MostDatagramFlows = 16_384;

    /// <summary>
    /// Quiet time after which an ended TCP flow is forgotten: RFC 5382, REQ-5, counts the closing phase among the transitory ones (TIME-WAIT, twice the longest
    /// life of a segment), and RFC 7857, 2.2, wants as much after a reset, whose other end may not have got it.
    /// </summary>
    public const long Linger = TransitoryIdle;

    /// <summary>The same when the table is full, and for UDP: three retransmissions of a lost last FIN (1, 2 and 4 s) still find the flow.</summary>
    public const long ShortLinger = 10_000;

    /// <summary>A full table is searched for such flows once in this time, not for each SYN: it costs some milliseconds.</summary>
    public const long MakeRoomInterval = 1_000;

    /// <summary>A cut flow goes on answering with RST for as long as a sender's retransmission timer may back off (RFC 6298, 2.5: at least 60 s).</summary>
    public const long AbortLinger = 60_000;

    /// <summary>Held SYNs at a time. NFQUEUE's queue is a few thousand long; beyond, the SYN is dropped and the program's stack tries again.</summary>
    public const int MostPending = 2_048;

    /// <summary>Flows in the table, lingering ones included: every port of one address to one peer, twice over. About 100 MB.</summary>
    public const int MostFlows = 131_072;
}
