using System.CommandLine;
using FwRedirect.ControlChannel.Status;

namespace FwRedirect.Diagnostics.Commands;

/// <summary>What the verbs share that ask a service: where it is asked, and what is said where nobody answers.</summary>
internal static class ServiceQuestion
{
    private static readonly string[] Services = ["fwredirect", "fwhost"];

    public static Option<bool> Json() => new("--json") { Description = "JSON, an object a line." };

    public static Option<string?> Endpoint() => new("--endpoint")
    {
        Description = "Where to ask: what the service's configuration has as StatusEndpoint. Default: both services' own.",
        HelpName = OperatingSystem.IsWindows() ? "pipe" : "file",
    };

    /// <summary>Asks every service that runs here. Exit code 0: all is well; 1: a service has a problem, or none could be asked.</summary>
    public static async Task<int> AskAsync(string? place, TextWriter error, Func<StatusClient, Task<bool>> ask)
    {
        List<StatusEndpoint> endpoints;
        if (place is null)
        {
            endpoints = [.. Services.Select(StatusEndpoint.Default)];
        }
        else if (StatusEndpoint.TryParse(place, Environment.CurrentDirectory, out var one) && one is not null)
        {
            endpoints = [one];
        }
        else
        {
            await error.WriteLineAsync($"fwdiag: --endpoint \"{place}\" is not {StatusEndpoint.Wanted}");
            return ExitCode.Usage;
        }

        var (answered, isWell) = (0, true);
        var absent = new List<string>();
        foreach (var endpoint in endpoints)
        {
            try
            {
                using var client = new StatusClient(endpoint);
                isWell &= await ask(client);
                answered++;
            }
            catch (StatusUnavailableException e) when (e.IsAbsent)
            {
                absent.Add(e.Message);
            }
            catch (StatusUnavailableException e)
            {
                await error.WriteLineAsync($"fwdiag: {e.Message}");
                isWell = false;
            }
        }

        if (answered == 0 && absent.Count == endpoints.Count)
            await error.WriteLineAsync($"fwdiag: no service runs here: {string.Join(", ", absent)}{(place is null ? " (--endpoint names another place)" : "")}");
        return answered > 0 && isWell ? ExitCode.Success : ExitCode.Error;
    }
}
