using System.Runtime.Versioning;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Diversion.Windows.Blocking;
using FwRedirect.Redirector.Diversion.Windows.Routes;

namespace FwRedirect.Redirector.Installation.Windows;

/// <summary>WhenNotRunning by filters of the Windows Filtering Platform that outlive every process of ours. The service brings them up to date at each start.</summary>
[SupportedOSPlatform("windows")]
internal sealed class WindowsStandingBlock : IStandingBlock
{
    public string? Apply(RedirectorOptions options)
    {
        if (options.WhenNotRunning == NotRunningTreatment.Direct)
            return Remove();
        try
        {
            BlockFilter.Install([.. LocalNetworks.Read(), .. options.LocalAddresses]);
            return "while it does not run, connects to what is not local are refused (WhenNotRunning is Block)";
        }
        catch (IOException failure)
        {
            throw new ServiceControlException($"WhenNotRunning is Block, and the block can not be set up: {failure.Message}");
        }
    }

    public string? Remove()
    {
        try
        {
            return BlockFilter.Remove() ? "the block for when it does not run was taken away" : null;
        }
        catch (IOException failure)
        {
            // No reason to keep a service that is to go; but one who had asked for the block has to know.
            return $"whether a block for when it does not run is left can not be seen: {failure.Message}";
        }
    }
}
