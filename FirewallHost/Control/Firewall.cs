using FwRedirect.ControlChannel.Server;
using FwRedirect.FirewallHost.AccessLog;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Names;
using FwRedirect.FirewallHost.Policy;
using FwRedirect.FirewallHost.Sockets;
using FwRedirect.FirewallHost.Sockets.Echo;
using FwRedirect.FirewallHost.Sockets.Udp;
using FwRedirect.FirewallHost.Status;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Control;

/// <summary>What all sessions share.</summary>
internal sealed class Firewall(
    FirewallOptions options, AccessPolicy policy, NameResolver names, IInsidePorts insidePorts, IInsideDatagramPorts datagramPorts,
    DroppedDatagrams dropped, AccessLogWriter accessLog, TimeProvider time, ILoggerFactory loggers)
{
    private readonly Lock _replacing = new();
    private volatile FirewallOptions _options = options;
    private int _connections;
    private int _sessions;

    /// <summary>As they are now; some keys of the file may change while the firewall runs.</summary>
    public FirewallOptions Options => _options;

    /// <summary>What the clients are told.</summary>
    public ClientSettings Settings { get; } = new(options.ForClients);

    public AccessPolicy Policy => policy;

    public NameResolver Names => names;

    public IInsidePorts InsidePorts => insidePorts;

    public IInsideDatagramPorts DatagramPorts => datagramPorts;

    public DroppedDatagrams Dropped => dropped;

    /// <summary>Null where lost sessions are not kept.</summary>
    public ResumableSessions? Sessions { get; } =
        options.ResumeGrace > TimeSpan.Zero ? new ResumableSessions(options.ResumeGrace, Limits.LostSessions, Limits.LostSessionsPerClient) : null;

    public AssociationQuota Associations { get; } = new();

    public AccessLogWriter AccessLog => accessLog;

    public TimeProvider Time => time;

    /// <summary>Echo requests outside; none where this process may not ping.</summary>
    public OutsideEchoes Echoes { get; init; } = OutsideEchoes.None(time);

    public EchoQuota EchoQuota { get; } = new(time);

    public OutboundConnection Outbound { get; } = new(options, time);

    public OutsideMappings Mappings { get; } = new();

    public PortClaims Claims { get; } = new();

    public OpenSessions Open { get; } = new(time);

    public LiveConnections Connections { get; } = new(time);

    public ILogger SessionLogger { get; } = loggers.CreateLogger("FwRedirect.Session");

    public ILogger ChannelLogger { get; } = loggers.CreateLogger("FwRedirect.Channel");

    public ILogger DatagramLogger { get; } = loggers.CreateLogger("FwRedirect.Datagrams");

    public ILogger RelayLogger { get; } = loggers.CreateLogger("FwRedirect.Relay");

    /// <summary>Takes over what a configuration that was read again has new, as far as that is possible at run time.</summary>
    public ConfigurationChange Replace(FirewallOptions changed)
    {
        lock (_replacing)
        {
            var (replaced, needRestart) = ReloadedKeys.Differences(_options, changed);
            _options = ReloadedKeys.Merge(_options, changed);
            policy.Replace(_options.Rules, LocalDestinations.Of(_options));
            names.ReplaceLocal(_options.LocalDomains, _options.LocalAddresses);
            return new ConfigurationChange(replaced, needRestart, Settings.Publish(_options.ForClients));
        }
    }

    /// <summary>The number that a connection, binding or mapping has in this firewall's logs and in the packets' server handles.</summary>
    public uint NextConnection() => (uint)Interlocked.Increment(ref _connections);

    public int NextSession() => Interlocked.Increment(ref _sessions);
}
