using System.Net;

namespace FwRedirect.FirewallHost.AccessLog;

/// <summary>One connection, or the attempt at one, as the access log tells it.</summary>
internal sealed record AccessEntry
{
    public required DateTimeOffset Started { get; init; }

    public required string Session { get; init; }

    /// <summary>The firewall's number of the connection.</summary>
    public required uint Connection { get; init; }

    public required string User { get; init; }

    /// <summary>The program, with the platform that its client reported.</summary>
    public required string Agent { get; init; }

    public required string Computer { get; init; }

    /// <summary>"Outbound": the client connects; "Inbound": it is connected to.</summary>
    public required bool Inbound { get; init; }

    public string Protocol { get; init; } = "TCP";

    public required IPEndPoint Client { get; init; }

    /// <summary>The other side, outside.</summary>
    public IPEndPoint? Remote { get; init; }

    public string? RemoteName { get; init; }

    public IPEndPoint? Inside { get; init; }

    public IPEndPoint? Outside { get; init; }

    public string Rule { get; init; } = "";

    /// <summary>"Closed", "Denied" or "Failed".</summary>
    public string Action { get; init; } = "";

    /// <summary>How it ended, and by whom; or the Winsock error of a failed one.</summary>
    public string Result { get; init; } = "";

    public long BytesOut { get; init; }

    public long BytesIn { get; init; }
}
