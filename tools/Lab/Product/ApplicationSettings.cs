using System.Text.Json.Nodes;

namespace FwRedirect.Lab.Product;

/// <summary>Settings for programs in the redirector's configuration.</summary>
public static class ApplicationSettings
{
    /// <summary>Writes them into the configuration and starts the redirector anew.</summary>
    /// <param name="applications">What stands under "Applications".</param>
    public static async Task UseAsync(LabRoad road, JsonObject applications, CancellationToken cancellation = default)
    {
        string file = road.RedirectorProgram.ConfigurationFile;
        JsonNode configuration = JsonNode.Parse(await File.ReadAllTextAsync(file, cancellation))!;
        configuration["Applications"] = applications;
        await File.WriteAllTextAsync(file, configuration.ToJsonString(), cancellation);
        await road.Redirector!.StopAsync();
        await road.StartRedirectorAsync(cancellation);
    }
}
