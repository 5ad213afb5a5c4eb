using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Engine;

namespace FwRedirect.Redirector.Journeys;

/// <summary>What a program is told for an error of the firewall: the nearest thing that its own stack would have told it on a direct connection.</summary>
internal static class Refusals
{
    public static FlowRefusal For(WinsockError error) => error switch
    {
        WinsockError.WSAECONNREFUSED => FlowRefusal.Reset,
        WinsockError.WSAEHOSTUNREACH => FlowRefusal.HostUnreachable,
        WinsockError.WSAENETUNREACH or WinsockError.WSAENETDOWN => FlowRefusal.NetworkUnreachable,
        // The policy, or a limit of the firewall (RFC 5508, REQ-8).
        WinsockError.WSAEACCES or WinsockError.WSAENOBUFS => FlowRefusal.AdministrativelyProhibited,
        // Nobody answered outside: nobody answers inside, and the program's own stack says "timed out".
        WinsockError.WSAETIMEDOUT => FlowRefusal.Silent,
        _ => FlowRefusal.HostUnreachable,
    };
}
