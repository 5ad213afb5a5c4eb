using System.Collections.Concurrent;
using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Server;
using FwRedirect.FirewallHost.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Control;

/// <summary>Every connection to the control port: only from local addresses, only so many from one client, then one session each.</summary>
internal sealed partial class ControlConnectionHandler(Firewall firewall, IHostApplicationLifetime lifetime) : ConnectionHandler
{
    private readonly ConcurrentDictionary<IPAddress, int> _sessions = new();
    private readonly ILogger _logger = firewall.SessionLogger;
    private readonly InsideAddresses _inside = InsideAddresses.Of(firewall.Options);

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        if (connection is not { RemoteEndPoint: IPEndPoint remote, LocalEndPoint: IPEndPoint local })
            return;
        var client = Plain(remote.Address);
        if (firewall.Options.LocalAddresses is { Count: > 0 } networks && !networks.Any(network => network.Contains(client)))
        {
            LogNotLocal(remote.Slash());
            connection.Abort();
            return;
        }

        try
        {
            if (_sessions.AddOrUpdate(client, 1, (_, count) => count + 1) > Limits.SessionsPerClient)
            {
                LogTooMany(client, Limits.SessionsPerClient);
                connection.Abort();
                return;
            }

            // A session may outlive its connection: it ends itself.
            var reached = Plain(local.Address);
            var session = new ClientSession(firewall, reached);
            var options = ChannelOptions(firewall, reached) with { SettingsVersion = firewall.Settings.Version, OtherInsideAddress = _inside.Other(reached) };
            using var channel = new RwsServerChannel(options, session, firewall.Time, firewall.ChannelLogger);
            await channel.RunAsync(connection.Transport, new IPEndPoint(client, remote.Port), lifetime.ApplicationStopping);
        }
        finally
        {
            // Removed at zero, so that addresses that came once do not stay for ever.
            if (_sessions.AddOrUpdate(client, 0, (_, count) => count - 1) <= 0)
                _sessions.TryRemove(new KeyValuePair<IPAddress, int>(client, 0));
        }
    }

    /// <summary>What clients are told that reached <paramref name="inside"/>.</summary>
    internal static ServerChannelOptions ChannelOptions(Firewall firewall, IPAddress inside) => new()
    {
        Firewall = firewall.Options.Name,
        // Without one of the channel's IP version it has no flows: any other keeps the form, and says so by its family.
        ExternalAddress = firewall.Options.ExternalOf(inside.AddressFamily) ?? firewall.Options.OutsideAddresses.First(),
        AuthenticationRequired = firewall.Options.Authentication == AuthenticationMode.Required,
        AuthenticationOffered = firewall.Options.Authentication != AuthenticationMode.None,
        KeepAlive = firewall.Options.KeepAlive,
        Protocols = firewall.Echoes.IsAvailable(inside.AddressFamily)
            ? [BindProtocol.Tcp, BindProtocol.Udp, BindProtocol.Icmp]
            : [BindProtocol.Tcp, BindProtocol.Udp],
        Sessions = firewall.Sessions,
    };

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    [LoggerMessage(540, LogLevel.Warning, "{Client} is not a local address: its control connection is refused")]
    private partial void LogNotLocal(string client);

    [LoggerMessage(541, LogLevel.Warning, "{Client} has {Most} control connections, the limit: a further one is refused")]
    private partial void LogTooMany(IPAddress client, int most);
}
