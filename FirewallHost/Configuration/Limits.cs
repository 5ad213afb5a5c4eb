namespace FwRedirect.FirewallHost.Configuration;

/// <summary>Every bound of the firewall, each with its reason. Bounds on what one message may hold are in ControlChannel's RwsLimits.</summary>
internal static class Limits
{
    /// <summary>Control channels of one client address: one per program and user; a terminal server runs some hundreds of programs.</summary>
    public const int SessionsPerClient = 1024;

    /// <summary>
    /// Of an IPv6 network (/64) all clients together have so many times the limits of one: some hundred machines with their usual programs have room, and who takes a new address for
    /// each request gets no further than that many machines would.
    /// </summary>
    public const int ClientsPerNetwork = 16;

    /// <summary>Sessions of one client address that may wait for it after a loss: a computer that loses its network loses all of them at once.</summary>
    public const int LostSessionsPerClient = SessionsPerClient;

    /// <summary>Lost sessions altogether, each with what it holds: a branch office that loses its line. One more costs the one lost first its place.</summary>
    public const int LostSessions = 16_384;

    /// <summary>Connections and bound sockets of one session: ISA's default was 160 a client; a browser with many tabs passes 500.</summary>
    public const int ObjectsPerSession = 4096;

    /// <summary>Connects of one session that wait for an answer from outside: each costs a socket for up to <see cref="ConnectTimeout"/>. More wait for their turn.</summary>
    public const int PendingConnectsPerSession = 512;

    /// <summary>
    /// How long a connect waits for its turn: a burst to servers that answer is through in a moment, and who waits longer is behind connects that nobody answers. With
    /// <see cref="ConnectTimeout"/> it stays below the client's own deadline (SessionTiming.RequestDeadline), so that the firewall's answer wins.
    /// </summary>
    public static readonly TimeSpan ConnectTurn = TimeSpan.FromSeconds(4);

    /// <summary>Look-ups of one session in flight: each costs a few datagrams, and a page load asks for dozens at once. More, such as a crawler's or a caching resolver's, wait for their turn.</summary>
    public const int LookUpsPerSession = 128;

    /// <summary>How long a look-up waits for its turn. With <see cref="LookUpBudget"/> it is not above the 5 s after which a program's resolver asks again.</summary>
    public static readonly TimeSpan LookUpTurn = TimeSpan.FromSeconds(1);

    /// <summary>Look-ups of all sessions in flight towards the DNS servers: what one resolver answers in its time-out without being flooded.</summary>
    public const int LookUps = 512;

    /// <summary>Accepted outside connections of one session that wait for the client's Mapping received.</summary>
    public const int PendingMappingsPerSession = 256;

    /// <summary>Backlog of an outside listening socket, whatever the client asks for: Linux's default somaxconn.</summary>
    public const int ListenBacklog = 4096;

    /// <summary>A server that answers at all does so within three SYNs (1 + 2 + 4 s); later the program has mostly given up itself.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>From the Connect reply to the client's SYN: its stack sends the first at once, and 30 s hold four retransmissions.</summary>
    public static readonly TimeSpan InsideAcceptDeadline = TimeSpan.FromSeconds(30);

    /// <summary>From New mapping to Mapping received: one round trip inside, with room for a busy client.</summary>
    public static readonly TimeSpan MappingDeadline = TimeSpan.FromSeconds(10);

    /// <summary>
    /// From Mapping received to the program's SYN-ACK: a full backlog drops SYNs, the firewall's system repeats them after 1 and 3 s, and who does not accept by then does
    /// not soon. The peer outside believes to be connected all the while.
    /// </summary>
    public static readonly TimeSpan ProgramAcceptDeadline = TimeSpan.FromSeconds(4);

    /// <summary>All attempts of one look-up: below the 5 s after which common resolvers ask again.</summary>
    public static readonly TimeSpan LookUpBudget = TimeSpan.FromSeconds(4);

    /// <summary>One attempt at one DNS server: two of them fit <see cref="LookUpBudget"/>.</summary>
    public static readonly TimeSpan LookUpAttempt = LookUpBudget / 2.2;

    /// <summary>DNS over TCP: queries of one connection in flight; the next is read when one of them is answered.</summary>
    public const int DnsPipelined = 64;

    /// <summary>DNS over TCP: an idle connection is closed; resolvers that mean to keep one ask again within a few seconds (RFC 7766, 6.2.3).</summary>
    public static readonly TimeSpan DnsIdle = TimeSpan.FromSeconds(20);

    /// <summary>How long an IPv6 answer is waited for when the IPv4 one is there: some servers drop AAAA questions, and nobody should pay their time-out.</summary>
    public static readonly TimeSpan SecondFamily = TimeSpan.FromMilliseconds(300);

    /// <summary>TIME_WAIT on Linux. So long the same client endpoint and inside port should not meet again.</summary>
    public static readonly TimeSpan EndpointRest = TimeSpan.FromSeconds(60);

    /// <summary>Pairs that are remembered for <see cref="EndpointRest"/>: 2,000 connections a second; beyond it the oldest are forgotten.</summary>
    public const int RestingEndpoints = 131_072;

    /// <summary>
    /// How long a PORT command waits for a Bind and Listen that it overtook, and a reply for the data connection that came before it: some inside round trips, and below what
    /// an FTP program notices.
    /// </summary>
    public static readonly TimeSpan FtpHold = TimeSpan.FromSeconds(2);

    /// <summary>After it a reply looks again for a connection that was being accepted at its first look: many times what that takes, and no person notices it.</summary>
    public static readonly TimeSpan SecondLook = TimeSpan.FromMilliseconds(20);

    /// <summary>How often this machine's addresses are looked at: a new one is not known to anybody yet, and the look takes less than a millisecond.</summary>
    public static readonly TimeSpan OwnAddressesRead = TimeSpan.FromSeconds(5);

    /// <summary>A UDP payload in an IPv4 packet of 65,535 bytes.</summary>
    public const int Datagram = 65_507;

    /// <summary>What the key may go down to: the least that ISA took, and below what DNS needs nothing works.</summary>
    public const int SmallestUdpLimit = 256;

    /// <summary>Seconds. RFC 4787, REQ-5: a mapping must not expire in less than two minutes.</summary>
    public const int ShortestUdpIdle = 120;

    /// <summary>Bound UDP sockets of one session, each a socket here: a resolver or a torrent client holds hundreds. One more costs the one unused for longest its place.</summary>
    public const int UdpSocketsPerSession = 1024;

    /// <summary>The same for all sessions of one client address: a few busy programs at once.</summary>
    public const int UdpSocketsPerClient = 4096;

    /// <summary>Peers of one UDP socket; a shared range of inside ports is mostly the narrower bound. With dynamic ones each costs a socket.</summary>
    public const int PeersPerSocket = 256;

    /// <summary>Peers of all UDP sockets of a session.</summary>
    public const int PeersPerSession = 4096;

    /// <summary>Unknown peers of one session that wait for the client's Mapping received; datagrams of more are dropped, as a full queue would.</summary>
    public const int PendingPeersPerSession = 64;

    /// <summary>Datagrams held for one unknown peer meanwhile: a first flight, such as QUIC's Initial packets.</summary>
    public const int HeldDatagrams = 8;

    /// <summary>Their bytes together: ten packets of an Ethernet, 1 MiB for a session.</summary>
    public const int HeldBytes = 16 * 1024;

    /// <summary>
    /// A bound UDP socket without peers and datagrams is given up after this: its client lost track of it. A client that still needs it binds again, and gets the port back
    /// unless somebody took it.
    /// </summary>
    public static readonly TimeSpan UdpSocketIdle = TimeSpan.FromHours(1);

    /// <summary>How often the idle are looked for: exact enough for times of minutes.</summary>
    public static readonly TimeSpan UdpSweep = TimeSpan.FromSeconds(5);

    /// <summary>Of the shared inside ports of one client socket this part rests, so that a port that stood for one peer does not stand for another while datagrams are under way.</summary>
    public const int RestingPart = 8;

    /// <summary>One Mapping error a peer in this time: Linux itself sends one ICMP error a second to a peer.</summary>
    public static readonly TimeSpan MappingErrorInterval = TimeSpan.FromSeconds(1);

    /// <summary>One log line for each reason of dropped datagrams in this time.</summary>
    public static readonly TimeSpan DropReport = TimeSpan.FromMinutes(1);

    /// <summary>A UDP loop that always finds datagrams gives its thread back after so many.</summary>
    public const int DatagramTurn = 256;

    /// <summary>Milliseconds that a datagram waits for room in a full send buffer; then the network is stuck, and it is lost as in any full queue.</summary>
    public const int DatagramSendWait = 50;

    /// <summary>Asked for each UDP socket; the kernel gives what it allows (rmem_max). About 10 ms of a gigabit link.</summary>
    public const int DatagramBuffer = 1024 * 1024;

    /// <summary>An echo request may be answered for so long: RFC 5508, REQ-2, no less than 60 s. Then its run is over and the access log has its line.</summary>
    public static readonly TimeSpan EchoLifetime = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Echo requests of one client address a second: fping of a whole /24 sends 100, mtr about 30, ping one. Ten such clients at once, for <see cref="EchoLifetime"/>, are as many as
    /// there are sequence numbers.
    /// </summary>
    public const int EchoesPerSecond = 100;

    /// <summary>What may come at once after a pause: all hops of a traceroute three times over.</summary>
    public const int EchoBurst = 200;

    /// <summary>Identifiers and destinations of one session that the access log will have a line for; one more, and the one unused for longest gets its line now.</summary>
    public const int EchoRunsPerSession = 1024;

    /// <summary>RFC 959 commands that carry an address are at most 70 bytes long (EPRT with IPv6); longer lines are none of ours.</summary>
    public const int FtpLine = 128;

    /// <summary>Bytes moved per system call of a relay: some GSO packets (64 KiB) at once. Not tuned: see tools/Bench/road before changing it.</summary>
    public const int RelayBuffer = 256 * 1024;

    /// <summary>A relay direction that always finds data gives its thread back after this much, so that others move too.</summary>
    public const int RelayTurn = 16 * 1024 * 1024;

    /// <summary>Dead peers of idle connections are found by TCP keep-alive after this and nine probes.</summary>
    public static readonly TimeSpan IdleProbe = TimeSpan.FromMinutes(5);

    /// <summary>Names remembered per address and addresses remembered at all, for rules that name destinations.</summary>
    public const int NamesPerAddress = 16;

    public const int RememberedAddresses = 65_536;

    /// <summary>A name may be looked up long before the connect: programs cache. Beyond a day the address may be another's.</summary>
    public static readonly TimeSpan NameMemory = TimeSpan.FromHours(24);

    /// <summary>Access-log lines waiting for the disk; beyond it lines are dropped and counted, connections never wait.</summary>
    public const int AccessLogBacklog = 16_384;

    /// <summary>Ports of a shared range: each may be one listening socket per inside address.</summary>
    public const int DataPorts = 4096;
}
