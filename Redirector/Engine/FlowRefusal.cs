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

    /// <summary>Nothing: the destination did not answer, so neither do we.</summary>
    Silent,
}
