using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux;

/// <summary>Everything that <see cref="LinuxDiversion"/> needs to know.</summary>
[SupportedOSPlatform("linux")]
internal sealed record LinuxDiversionOptions
{
    public required DiversionRuleOptions Rules { get; init; }

    /// <summary>Null: <see cref="FlowJournal.DefaultPath"/>.</summary>
    public string? JournalPath { get; init; }

    /// <summary>The cgroup2 directory whose programs are seen; null: all.</summary>
    public string? ControlGroup { get; init; }

    /// <summary>Program and first arguments of the guard, as ["/usr/sbin/fwredirect", "guard"]; empty: no guard, and the next start does its work.</summary>
    public IReadOnlyList<string> Guard { get; init; } = [];
}
