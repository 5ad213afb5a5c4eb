using FwRedirect.Redirector.Configuration;

namespace FwRedirect.Redirector.Installation;

/// <summary>What keeps connections from going out while the service does not run, for those who asked for it (WhenNotRunning).</summary>
internal interface IStandingBlock
{
    /// <summary>Sets up, changes or takes away the block, as the configuration says. In words what was done; null where nothing is to be said.</summary>
    string? Apply(RedirectorOptions options);

    /// <summary>Takes it away, if there is one.</summary>
    string? Remove();
}
