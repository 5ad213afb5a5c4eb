namespace FwRedirect.FirewallHost.Configuration;

/// <summary>From whom a program's UDP socket takes datagrams that it did not ask for (RFC 4787, section 5); the rules decide besides.</summary>
internal enum DatagramFiltering
{
    /// <summary>From every port of an address that the program has sent to: TFTP, which answers from another port, works, and scanners see nothing.</summary>
    AddressDependent,

    /// <summary>From everybody, as if each bound socket had asked to listen.</summary>
    EndpointIndependent,
}
