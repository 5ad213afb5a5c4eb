using System.Runtime.Versioning;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Diversion.Linux.Recovery;

/// <summary>A redirected flow as the program's own socket has it: <paramref name="Remote"/> is the peer that the program sees, not the firewall.</summary>
[SupportedOSPlatform("linux")]
internal readonly record struct JournaledFlow(byte Protocol, PacketEndpoint Local, PacketEndpoint Remote);
