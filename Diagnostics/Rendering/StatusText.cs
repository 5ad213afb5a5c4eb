using System.Globalization;
using FwRedirect.ControlChannel.Status;

namespace FwRedirect.Diagnostics.Rendering;

/// <summary>A service's status and flows for people.</summary>
internal sealed class StatusText(TextWriter output)
{
    public void Write(ServiceStatus status)
    {
        output.WriteLine($"{status.Service} {status.Version}, process {status.ProcessId}, since {status.Started.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC");
        foreach (var (name, value) in status.Facts)
            output.WriteLine($"  {name}: {value}");
        output.WriteLine(status.Problems.Count == 0 ? "  healthy" : $"  problems: {string.Join("; ", status.Problems)}");
        var groups = status.Counters.Select(group => new[]
        {
            group.Key,
            // A counter that is 0 says nothing to a person; --json has them all.
            string.Join(", ", group.Value.Where(counter => counter.Value != 0).Select(counter => string.Create(CultureInfo.InvariantCulture, $"{counter.Key} {counter.Value}"))),
        }).Where(row => row[1].Length > 0).ToArray();
        Table("Counters", ["group", "now, and ever since the start"], groups);
        if (status.Firewalls.Count > 0)
        {
            Table(
                "Firewalls", ["name", "version", "at", "state", "since", "reason"],
                [.. status.Firewalls.Select(one => new[]
                {
                    one.Name, one.Version, one.Addresses.Count == 0 ? "-" : string.Join(", ", one.Addresses), one.CarriesFlows || one.State == "None" ? one.State : $"{one.State}, names only",
                    $"{Number(one.SinceSeconds)}s", one.Reason ?? "",
                })]);
        }

        Table(
            "Bound sockets", ["protocol", "program", "user", "client", "outside", "state", "accepted", "reason"],
            [.. status.Bindings.Select(one => new[] { one.Protocol, one.Program, one.User, one.Client, one.Outside ?? "-", one.State, Number(one.Accepted), one.Reason ?? "" })]);
        output.WriteLine();
    }

    public void Write(IReadOnlyList<FlowStatus> flows) => Table(
        "Flows", ["protocol", "way", "program", "pid", "user", "client", "inside", "outside", "peer", "state", "out", "in", "age", "why"],
        [.. flows.OrderByDescending(flow => flow.AgeSeconds).Select(Row)]);

    private static string[] Row(FlowStatus flow) =>
    [
        flow.Protocol, flow.Inbound ? "in" : "out", flow.Program ?? "-", flow.ProcessId?.ToString(CultureInfo.InvariantCulture) ?? "-", flow.User ?? "-", flow.Client,
        flow.Inside ?? "-", flow.Outside ?? "-", flow.PeerName is null ? flow.Peer : $"{flow.Peer} ({flow.PeerName})", flow.State, Number(flow.BytesOut), Number(flow.BytesIn),
        $"{Number(flow.AgeSeconds)}s", flow.Why ?? "",
    ];

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private void Table(string title, string[] heads, string[][] rows)
    {
        output.WriteLine();
        output.WriteLine($"{title}{(rows.Length == 0 ? ": none" : "")}");
        if (rows.Length == 0)
            return;
        string[][] lines = [heads, .. rows];
        var widths = Enumerable.Range(0, heads.Length).Select(column => lines.Max(line => line[column].Length)).ToArray();
        foreach (var line in lines)
            output.WriteLine(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
