namespace FwRedirect.FirewallHost.Commands;

/// <summary>What scripts see.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>It was tried and failed: a port in use, a file that can not be written, an account that is not there.</summary>
    public const int Failed = 1;

    /// <summary>It could not be tried: wrong arguments, wrong configuration.</summary>
    public const int Usage = 2;
}
