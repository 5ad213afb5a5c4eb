namespace FwRedirect.FirewallHost.Configuration;

/// <summary>Which datagrams keep a UDP mapping alive (RFC 4787, REQ-6).</summary>
internal enum DatagramRefresh
{
    /// <summary>Those of either side: a program that only receives a long stream keeps it.</summary>
    BothWays,

    /// <summary>The program's own only: nobody outside can keep a mapping.</summary>
    Outbound,
}
