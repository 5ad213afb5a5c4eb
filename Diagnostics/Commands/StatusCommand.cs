using System.CommandLine;
using System.Text.Json;
using FwRedirect.ControlChannel.Status;
using FwRedirect.Diagnostics.Rendering;

namespace FwRedirect.Diagnostics.Commands;

/// <summary><c>fwdiag status</c>: how the services of this machine are, and what they count.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var (json, endpoint) = (ServiceQuestion.Json(), ServiceQuestion.Endpoint());
        var command = new Command("status", "How the services of this machine are: problems, bound sockets, counters.") { json, endpoint };
        command.SetAction((parsed, stop) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var asJson = parsed.GetValue(json);
            return ServiceQuestion.AskAsync(parsed.GetValue(endpoint), parsed.InvocationConfiguration.Error, async client =>
            {
                var status = await client.StatusAsync(stop);
                if (asJson)
                    await output.WriteLineAsync(JsonSerializer.Serialize(status, StatusJson.Default.ServiceStatus));
                else
                    new StatusText(output).Write(status);
                return status.IsHealthy;
            });
        });
        return command;
    }
}
