using FwRedirect.Lab.Execution;

namespace FwRedirect.Lab.Product;

/// <summary>Both services print a line with the word "ready" when they take work.</summary>
internal static class Readiness
{
    public static async Task<LabProcess> WhenReadyAsync(this LabProcess process, TimeSpan bound, CancellationToken cancellation)
    {
        try
        {
            await process.WaitForLineAsync(line => line.Contains("ready", StringComparison.OrdinalIgnoreCase), bound, cancellation);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }
}
