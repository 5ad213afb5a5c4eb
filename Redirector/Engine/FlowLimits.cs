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
