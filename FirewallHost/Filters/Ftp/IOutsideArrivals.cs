namespace FwRedirect.FirewallHost.Filters.Ftp;

/// <summary>Connections that came outside for one client session and are on their way to its program.</summary>
internal interface IOutsideArrivals
{
    /// <summary>Waits, a bounded time, until none is on its way.</summary>
    ValueTask SettledAsync(CancellationToken stop);
}
