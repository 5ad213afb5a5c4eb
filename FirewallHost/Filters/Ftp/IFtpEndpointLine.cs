using System.Net;

namespace FwRedirect.FirewallHost.Filters.Ftp;

/// <summary>Lines of an FTP control connection in which one side names an endpoint of its own.</summary>
internal interface IFtpEndpointLine
{
    /// <summary>True while <paramref name="start"/> of a line may still become one of them.</summary>
    bool MayBecome(ReadOnlySpan<byte> start);

    /// <summary>The endpoint that the line names; null where it is none of them, or not well formed.</summary>
    /// <param name="own">The address of the side that says it; some lines give a port only.</param>
    IPEndPoint? Parse(ReadOnlySpan<byte> line, IPAddress own);

    /// <summary>The same line with another endpoint.</summary>
    byte[] Rewrite(ReadOnlySpan<byte> line, IPEndPoint endpoint);
}
