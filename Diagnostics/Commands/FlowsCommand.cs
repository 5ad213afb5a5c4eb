using System.CommandLine;
using System.Text.Json;
using FwRedirect.ControlChannel.Status;
using FwRedirect.Diagnostics.Rendering;

namespace FwRedirect.Diagnostics.Commands;

/// <summary><c>fwdiag flows</c>: every flow that the services of this machine carry now, with the program behind it.</summary>
internal static class FlowsCommand
{
    public static Command Create()
    {
        var (json, endpoint) = (ServiceQuestion.Json(), ServiceQuestion.Endpoint());
        var command = new Command("flows", "The flows that the services of this machine carry now: program, user, endpoints, state, bytes, age, why.") { json, endpoint };
        command.SetAction((parsed, stop) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var asJson = parsed.GetValue(json);
            return ServiceQuestion.AskAsync(parsed.GetValue(endpoint), parsed.InvocationConfiguration.Error, async client =>
            {
                var flows = await client.FlowsAsync(stop);
                if (asJson)
                    flows.ForEach(flow => output.WriteLine(JsonSerializer.Serialize(flow, StatusJson.Default.FlowStatus)));
                else
                    new StatusText(output).Write(flows);
                return true;
            });
        });
        return command;
    }
}
