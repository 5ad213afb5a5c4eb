namespace FwRedirect.Redirector.Engine;

/// <summary>What the program is told when there will be no connection.</summary>
internal enum FlowRefusal : byte
{
    /// <summary>RST: nobody listens there.</summary>
    Reset,

    HostUnreachable,
    NetworkUnreachable,
    PortUnreachable,

    /// <summary>The policy does not allow it.</summary>
    AdministrativelyProhibited,

    /// <summary>
    /// UDP: nothing leaves for there now. Network unreachable, in the form that a UDP socket is told at once: a plain one counts as passing (RFC 1122, 3.2.2.1), and
    /// Linux keeps it from the program.
    /// </summary>
    NetworkProhibited,

    /// <summary>Nothing: the destination did not answer, so neither do we.</summary>
    Silent,
}
