namespace FwRedirect.Redirector.Installation;

/// <summary>What the system knows of the service; null where it does not say.</summary>
internal sealed record ServiceReport(ServiceState State)
{
    public static readonly ServiceReport NotInstalled = new(ServiceState.NotInstalled);

    public int? ProcessId { get; init; }

    public DateTimeOffset? Since { get; init; }

    public string? ConfigurationFile { get; init; }

    public string? StartType { get; init; }

    /// <summary>How the last run ended.</summary>
    public string? LastEnd { get; init; }

    /// <summary>Where to read what it logged.</summary>
    public string? Log { get; init; }
}
