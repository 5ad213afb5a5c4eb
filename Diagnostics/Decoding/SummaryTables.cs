using System.Net;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>
/// The two tables that the article ends on. A conversation that a control channel explains is in the second one only; all others are direct.
/// </summary>
internal sealed record SummaryTables(IReadOnlyList<SummaryRow> Direct, IReadOnlyList<SummaryRow> Firewall)
{
    private const string None = "-";
    private const string Dynamic = "dynamic";

    public static SummaryTables From(DecodeContext context, ConversationLog log)
    {
        var direct = new List<SummaryRow>();
        var control = new List<SummaryRow>();
        var names = context.Flows.NamesLookedUp;
        foreach (var (transport, client, server) in log.All)
        {
            if (transport == "TCP" && context.Options.ControlPorts.Contains(server.Port) && context.Flows.Any)
                control.Add(new SummaryRow(ServiceNames.ControlChannel, transport, Assigned(client), server.Port.ToString(), None, None));
            else if (server.Port == DnsMessage.Port && context.Flows.FirewallAddresses.Contains(client.Address))
                names = true;
            else if (transport == "UDP" || context.Flows.Find(new EndpointPair(client, server)) is null)
                direct.Add(NotRedirected(context, transport, client, server));
        }
        var firewall = control;
        // The firewall asks for its clients, from a port that changes with every query.
        if (names)
            firewall.Add(new SummaryRow(ServiceNames.Dns, "UDP", None, None, Dynamic, DnsMessage.Port.ToString()));
        firewall.AddRange(context.Flows.All.Select(flow => Redirected(context, flow)));
        return new SummaryTables([.. direct.Distinct()], [.. firewall.Distinct()]);
    }

    private static SummaryRow NotRedirected(DecodeContext context, string transport, IPEndPoint client, IPEndPoint server)
    {
        if (server.Port == DnsMessage.Port)
            return new SummaryRow(ServiceNames.Dns, transport, Dynamic, null, null, server.Port.ToString());
        var data = transport == "TCP" ? context.FtpData.ClientOf(client, server, leg: null) : null;
        if (data is null)
            return new SummaryRow(ServiceNames.Of(transport, server.Port), transport, Assigned(client), null, null, server.Port.ToString());
        var other = data.Equals(client) ? server : client;
        return new SummaryRow(ServiceNames.FtpData, transport, Assigned(data), null, null, FtpDataPort(other));
    }

    private static SummaryRow Redirected(DecodeContext context, FirewallFlow flow)
    {
        var data = context.FtpData.ClientOf(flow.Client, flow.Inside, flow) is not null;
        var purpose = data ? ServiceNames.FtpData : ServiceNames.Of("TCP", flow.Server.Port);
        var server = data ? FtpDataPort(flow.Server) : flow.Incoming ? Assigned(flow.Server) : flow.Server.Port.ToString();
        return new SummaryRow(purpose, "TCP", Assigned(flow.Client), Assigned(flow.Inside), Assigned(flow.Outside), server);
    }

    private static string FtpDataPort(IPEndPoint server) => server.Port == FtpDataEndpoints.ServerDataPort ? server.Port.ToString() : Assigned(server);

    private static string Assigned(IPEndPoint endpoint) => $"{endpoint.Port}*";
}
