using System.Globalization;
using System.Net;
using System.Text;

namespace FwRedirect.FirewallHost.AccessLog;

/// <summary>W3C extended log format: UTC, tab separated, "-" for what is empty.</summary>
internal static class AccessLogFormat
{
    private static readonly string[] Fields =
    [
        "date", "time", "c-ip", "c-port", "c-host", "cs-username", "c-agent", "direction", "cs-protocol", "r-ip", "r-port", "r-host",
        "inside-ip", "inside-port", "outside-ip", "outside-port", "action", "rule", "result", "bytes-sent", "bytes-received", "time-taken",
        "session-id", "connection-id",
    ];

    public static string Header(DateTimeOffset now) =>
        $"#Version: 1.0\n#Software: FwRedirect FirewallHost\n#Date: {Day(now)} {Clock(now)}\n#Fields: {string.Join(' ', Fields)}\n";

    /// <summary>One line with its end; the time is that of the connection's start, time-taken is in milliseconds.</summary>
    public static string Line(AccessEntry entry, DateTimeOffset now)
    {
        var line = new StringBuilder(256);
        ReadOnlySpan<string?> values =
        [
            Day(entry.Started), Clock(entry.Started), Ip(entry.Client), Port(entry.Client), entry.Computer, entry.User, entry.Agent,
            entry.Inbound ? "Inbound" : "Outbound", entry.Protocol, Ip(entry.Remote), Port(entry.Remote), entry.RemoteName,
            Ip(entry.Inside), Port(entry.Inside), Ip(entry.Outside), Port(entry.Outside), entry.Action, entry.Rule, entry.Result,
            Number(entry.BytesOut), Number(entry.BytesIn), Number((long)(now - entry.Started).TotalMilliseconds),
            entry.Session, $"0x{entry.Connection:X}",
        ];
        foreach (var value in values)
        {
            if (line.Length > 0)
                line.Append('\t');
            AppendClean(line, value);
        }

        return line.Append('\n').ToString();
    }

    /// <summary>Names come from clients: nothing in them may look like another field or line, or reach a terminal as a command.</summary>
    private static void AppendClean(StringBuilder line, string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            line.Append('-');
            return;
        }

        foreach (var c in value)
            line.Append(char.IsControl(c) || c is '\u2028' or '\u2029' || char.IsSurrogate(c) ? '?' : c);
    }

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Clock(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static string? Ip(IPEndPoint? endpoint) => endpoint?.Address.ToString();

    private static string? Port(IPEndPoint? endpoint) => endpoint is null ? null : Number(endpoint.Port);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
