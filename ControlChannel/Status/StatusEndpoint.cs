using System.Diagnostics.CodeAnalysis;

namespace FwRedirect.ControlChannel.Status;

/// <summary>
/// Where a service tells how it is: a unix socket on Linux, a named pipe on Windows. Only root, or administrators and the system, get in; <see cref="StatusServer"/> speaks HTTP there.
/// </summary>
/// <param name="Path">The socket's file, or the pipe's name without \\.\pipe\.</param>
/// <param name="IsConfigured">False for the default: what can not be opened then is a word in the log, no failed start.</param>
internal sealed record StatusEndpoint(string Path, bool IsConfigured)
{
    /// <summary>What a configuration says where there shall be no such place.</summary>
    public const string None = "none";

    private const string PipePrefix = @"\\.\pipe\";

    /// <summary>sun_path of sockaddr_un (unix(7)) has 108 bytes, the last of them NUL.</summary>
    private const int LongestSocketPath = 107;

    /// <summary>Wanted of the configuration key; for an error's text.</summary>
    public static string Wanted => OperatingSystem.IsWindows()
        ? @"a pipe's name such as \\.\pipe\fwredirect, or none"
        : $"a file for a unix socket such as /run/fwredirect/status.sock (at most {LongestSocketPath} bytes), or none";

    /// <summary>
    /// The service's own: /run/SERVICE/status.sock. In another network namespace than that of the machine's first process the file has the namespace's number, so that two labs on
    /// one machine do not meet, and who enters the namespace finds the service of it.
    /// </summary>
    public static StatusEndpoint Default(string service)
    {
        if (OperatingSystem.IsWindows())
            return new StatusEndpoint(service, IsConfigured: false);
        var own = Namespace("/proc/self/ns/net");
        var isFirst = own is null || Namespace("/proc/1/ns/net") is not { } first || first == own;
        return new StatusEndpoint($"/run/{service}/{(isFirst ? "status" : own)}.sock", IsConfigured: false);
    }

    /// <summary>A configuration's text; true with null for <see cref="None"/>.</summary>
    /// <param name="folder">What a relative file is relative to.</param>
    public static bool TryParse(string text, string folder, out StatusEndpoint? endpoint)
    {
        endpoint = null;
        if (text.Equals(None, StringComparison.OrdinalIgnoreCase))
            return true;
        return OperatingSystem.IsWindows() ? TryParsePipe(text, out endpoint) : TryParseSocket(text, folder, out endpoint);
    }

    /// <summary>As a person would write it.</summary>
    public override string ToString() => OperatingSystem.IsWindows() ? PipePrefix + Path : Path;

    private static bool TryParsePipe(string text, [NotNullWhen(true)] out StatusEndpoint? endpoint)
    {
        var name = text.StartsWith(PipePrefix, StringComparison.OrdinalIgnoreCase) ? text[PipePrefix.Length..] : text;
        endpoint = name.Length is > 0 and <= 240 && !name.Contains('\\', StringComparison.Ordinal) && !name.Contains('/', StringComparison.Ordinal)
            ? new StatusEndpoint(name, IsConfigured: true)
            : null;
        return endpoint is not null;
    }

    private static bool TryParseSocket(string text, string folder, [NotNullWhen(true)] out StatusEndpoint? endpoint)
    {
        endpoint = null;
        if (text.Contains('\0', StringComparison.Ordinal) || text.EndsWith('/'))
            return false;
        var path = System.IO.Path.GetFullPath(text, folder);
        if (System.Text.Encoding.UTF8.GetByteCount(path) > LongestSocketPath)
            return false;
        endpoint = new StatusEndpoint(path, IsConfigured: true);
        return true;
    }

    /// <summary>The number of the network namespace that a /proc link names; null where it may not be read.</summary>
    private static string? Namespace(string link)
    {
        try
        {
            var name = File.ResolveLinkTarget(link, returnFinalTarget: false)?.Name;
            return name is null ? null : new string([.. name.Where(char.IsAsciiDigit)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
