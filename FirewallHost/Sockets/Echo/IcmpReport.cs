using System.Net;
using System.Net.Sockets;

namespace FwRedirect.FirewallHost.Sockets.Echo;

/// <summary>An ICMP error: who said it, and what, in the numbers of the IP version of its request.</summary>
/// <param name="Info">The error's second word: the MTU where a packet was too large.</param>
internal readonly record struct IcmpReport(IPAddress Reporter, byte Type, byte Code, uint Info)
{
    // RFC 792 and RFC 4443.
    private const byte Unreachable = 3;
    private const byte TimeExceeded = 11;
    private const byte ParameterProblem = 12;
    private const byte FragmentationNeeded = 4;
    private const byte Prohibited = 13;

    private const byte UnreachableV6 = 1;
    private const byte PacketTooBigV6 = 2;
    private const byte TimeExceededV6 = 3;
    private const byte ParameterProblemV6 = 4;
    private const byte ProhibitedV6 = 1;
    private const byte AddressUnreachableV6 = 3;

    /// <summary>The rules say no.</summary>
    public static IcmpReport Denied(IPAddress reporter) => IsV6(reporter) ? new(reporter, UnreachableV6, ProhibitedV6, 0) : new(reporter, Unreachable, Prohibited, 0);

    public static IcmpReport NoRoute(IPAddress reporter) => new(reporter, IsV6(reporter) ? UnreachableV6 : Unreachable, 0, 0);

    public static IcmpReport NoHost(IPAddress reporter) => IsV6(reporter) ? new(reporter, UnreachableV6, AddressUnreachableV6, 0) : new(reporter, Unreachable, 1, 0);

    public static IcmpReport HopsExceeded(IPAddress reporter) => new(reporter, IsV6(reporter) ? TimeExceededV6 : TimeExceeded, 0, 0);

    public static IcmpReport TooLarge(IPAddress reporter, uint mtu) =>
        IsV6(reporter) ? new(reporter, PacketTooBigV6, 0, mtu) : new(reporter, Unreachable, FragmentationNeeded, mtu);

    /// <summary>False for ICMP messages that are no errors.</summary>
    public static bool IsError(AddressFamily family, byte type) => family == AddressFamily.InterNetworkV6
        ? type is >= UnreachableV6 and <= ParameterProblemV6
        : type is Unreachable or TimeExceeded or ParameterProblem;

    private static bool IsV6(IPAddress reporter) => reporter.AddressFamily == AddressFamily.InterNetworkV6;
}
