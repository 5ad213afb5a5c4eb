namespace FwRedirect.Diagnostics.Commands;

/// <summary>What fwdiag returns to its caller.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Error = 1;
    public const int Usage = 2;
}
