using System.Runtime.Versioning;

namespace FwRedirect.FirewallHost.Sockets.Echo.Linux;

/// <summary>One entry of a socket's error queue; addresses in network order, as the kernel gives them.</summary>
[SupportedOSPlatform("linux")]
internal readonly record struct EchoFailure(uint Destination, byte Origin, byte Type, byte Code, uint Info, uint Reporter);
