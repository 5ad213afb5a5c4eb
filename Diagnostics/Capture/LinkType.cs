namespace FwRedirect.Diagnostics.Capture;

/// <summary>Link-layer header types of capture files (the LINKTYPE_ numbers of tcpdump.org) that the decoder takes off.</summary>
internal enum LinkType
{
    Null = 0,
    Ethernet = 1,

    /// <summary>Raw IP as libpcap calls it inside a process; files written by naive tools carry it.</summary>
    RawInProcess = 12,
    Raw = 101,
    Loop = 108,
    LinuxCooked = 113,
    IPv4 = 228,
    IPv6 = 229,
    LinuxCooked2 = 276,
}
