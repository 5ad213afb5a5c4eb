using System.Net;
using FwRedirect.Redirector.Names;

namespace FwRedirect.Tests.Redirector.Names;

/// <summary>Host entries by hand.</summary>
internal static class Hosts
{
    public static ResolvedHost Make(string canonical, string[] aliases, params string[] addresses) =>
        new(canonical, aliases, [.. addresses.Select(IPAddress.Parse)]);
}
