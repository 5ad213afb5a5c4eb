using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows.Native;

/// <summary>The third byte of WINDIVERT_ADDRESS's bit fields. A checksum bit that is not set means "field not computed".</summary>
[Flags]
[SupportedOSPlatform("windows")]
internal enum WinDivertAddressFlags : byte
{
    None = 0,
    Sniffed = 0x01,
    Outbound = 0x02,
    Loopback = 0x04,

    /// <summary>Made by a driver or program, not by the stack; its TTL is counted down when it is sent, so that two drivers can not feed each other for ever.</summary>
    Impostor = 0x08,
    IPv6 = 0x10,
    IpChecksum = 0x20,
    TcpChecksum = 0x40,
    UdpChecksum = 0x80,
    Checksums = IpChecksum | TcpChecksum | UdpChecksum,
}
