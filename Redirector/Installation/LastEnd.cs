using FwRedirect.Redirector.Service;

namespace FwRedirect.Redirector.Installation;

/// <summary>An exit code of "fwredirect run" in words.</summary>
internal static class LastEnd
{
    public static string Describe(int exitCode) => exitCode switch
    {
        0 => "stopped in order",
        _ when Enum.IsDefined((StartStep)exitCode) => $"error {exitCode}: it did not start, step {(StartStep)exitCode} failed",
        _ => $"it ended with exit code {exitCode}",
    };
}
