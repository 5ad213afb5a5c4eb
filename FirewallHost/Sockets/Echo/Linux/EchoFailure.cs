using System.Net;
using System.Runtime.Versioning;

namespace FwRedirect.FirewallHost.Sockets.Echo.Linux;

/// <summary>One entry of a socket's error queue.</summary>
/// <param name="Reporter">Who said it; the unspecified address where that is the own system.</param>
[SupportedOSPlatform("linux")]
internal readonly record struct EchoFailure(IPAddress Destination, byte Origin, byte Type, byte Code, uint Info, IPAddress Reporter);
