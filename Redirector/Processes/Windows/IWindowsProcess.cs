using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Processes.Windows;

/// <summary>A process held open: as long as it is, no other gets its id. What it showed stays readable after its end.</summary>
[SupportedOSPlatform("windows")]
internal interface IWindowsProcess : IDisposable
{
    DateTimeOffset Created { get; }

    /// <summary>Full path of the program; null where it is not shown.</summary>
    string? Path { get; }

    /// <summary>DOMAIN\name; null where the token is denied, as of protected processes.</summary>
    string? User { get; }

    /// <summary>Is over with the process object; null where the token is denied.</summary>
    IProcessIdentity? Identity { get; }

    bool HasExited { get; }
}
