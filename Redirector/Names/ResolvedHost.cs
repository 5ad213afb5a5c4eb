using System.Net;

namespace FwRedirect.Redirector.Names;

/// <summary>A HOSTENT as the firewall gave it: official name, the other names on the way to it, addresses of either family.</summary>
internal sealed record ResolvedHost(string CanonicalName, IReadOnlyList<string> Aliases, IReadOnlyList<IPAddress> Addresses);
