using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Lab.Demo;

/// <summary>The article's session, typed into Debian's own FTP client on the client machine: log on, list, quit; active mode.</summary>
public static class ArticleSession
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    /// <summary>The client would say EPRT, which is younger than the article's PORT; its command epsv4 turns that off.</summary>
    public const string Input = "epsv4\nuser anonymous me@you.com\ndir\nquit\n";

    /// <exception cref="LabException">The listing did not come.</exception>
    public static async Task<CommandResult> RunAsync(LabNetwork network, CancellationToken cancellation = default)
    {
        CommandResult result = (await network.Client.RunAsync("ftp", ["-n", "-v", "-A", LabAddresses.ServerName], Input, Bound, cancellation)).OrThrow();
        // ftp's exit code is about its input, not about the session.
        return FtpServer.FileNames.All(name => result.Output.Contains(name, StringComparison.Ordinal))
            ? result
            : throw new LabException($"the listing did not come: {result}");
    }
}
