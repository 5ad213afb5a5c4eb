using System.Net;

namespace FwRedirect.FirewallHost.Sockets.Echo;

/// <summary>An ICMP error: who said it, and what.</summary>
/// <param name="Info">The error's second word: for "fragmentation needed" the MTU.</param>
internal readonly record struct IcmpReport(IPAddress Reporter, byte Type, byte Code, uint Info)
{
    public const byte Unreachable = 3;
    public const byte TimeExceeded = 11;
    public const byte ParameterProblem = 12;

    public const byte NetworkUnreachable = 0;
    public const byte HostUnreachable = 1;
    public const byte FragmentationNeeded = 4;
    public const byte AdministrativelyProhibited = 13;
}
