using System.Net;

namespace FwRedirect.ControlChannel.Settings;

/// <summary>What counts for one program, of all sources together: for each key the first source that says something.</summary>
internal sealed class ProgramSettings
{
    private static readonly (SettingKey Tcp, SettingKey Udp, BindPlacement Placement)[] Placements =
    [
        (SettingKey.ServerBindTcpPorts, SettingKey.ServerBindUdpPorts, BindPlacement.Server),
        (SettingKey.RemoteBindTcpPorts, SettingKey.RemoteBindUdpPorts, BindPlacement.Remote),
        (SettingKey.LocalBindTcpPorts, SettingKey.LocalBindUdpPorts, BindPlacement.Local),
    ];

    private readonly (Setting Setting, int Source)?[] _settings = new (Setting, int)?[Enum.GetValues<SettingKey>().Length];

    /// <param name="sources">The one that wins first.</param>
    /// <param name="name">File name of the program.</param>
    /// <param name="path">Its full path; null where it is not known.</param>
    public ProgramSettings(IReadOnlyList<ApplicationSettings> sources, string name, string? path)
    {
        foreach (var key in Enum.GetValues<SettingKey>())
        {
            for (var source = 0; source < sources.Count && _settings[(int)key] is null; source++)
            {
                if (sources[source].Find(key, name, path) is { } setting)
                    _settings[(int)key] = (setting, source);
            }
        }
    }

    public static ProgramSettings None { get; } = new([], "", null);

    /// <summary>All that is said for the program.</summary>
    public IEnumerable<Setting> All => _settings.OfType<(Setting Setting, int Source)>().Select(s => s.Setting);

    /// <summary>End a session that an earlier run of the program left at the firewall before a new one begins.</summary>
    public bool KillOldSession => IsSet(SettingKey.KillOldSession);

    /// <summary>Bindings are made again after the firewall, or the way to it, was gone.</summary>
    public bool Persistent => IsSet(SettingKey.Persistent);

    /// <summary>Log on with the credentials of the configuration, whoever runs the program.</summary>
    public bool ForceCredentials => IsSet(SettingKey.ForceCredentials);

    /// <summary>L or R; null: names with a dot are remote, others local.</summary>
    public char? NameResolution => Letter(SettingKey.NameResolution);

    /// <summary>L, P or E; null is L.</summary>
    public char? NameResolutionForLocalHost => Letter(SettingKey.NameResolutionForLocalHost);

    /// <summary>The setting behind a key; null where nothing is said.</summary>
    public Setting? Find(SettingKey key) => _settings[(int)key]?.Setting;

    /// <summary>Connections to this TCP port do not go to the firewall; the setting that says so, or null.</summary>
    public Setting? KeepsTcp(int port) => Listing(SettingKey.DontRemoteOutboundTcpPorts, port);

    /// <summary>Datagrams to this UDP port do not go to the firewall; the setting that says so, or null.</summary>
    public Setting? KeepsUdp(int port) => Listing(SettingKey.DontRemoteOutboundUdpPorts, port);

    /// <summary>Where a socket that the program bound to this TCP port belongs.</summary>
    /// <param name="isDynamic">The system chose the port: what is said for port 0 counts where nothing is said for the port itself.</param>
    public BindPlacement BindTcp(int port, bool isDynamic) => Bind(tcp: true, port, isDynamic);

    /// <summary>The same for UDP.</summary>
    public BindPlacement BindUdp(int port, bool isDynamic) => Bind(tcp: false, port, isDynamic);

    /// <summary>ProxyBindIp: the firewall's outside address that a port is to be bound on; null: the usual one.</summary>
    public IPAddress? ProxyBindAddress(int port) =>
        Find(SettingKey.ProxyBindIp)?.Value is SettingValue.Addresses { ByPort: var addresses } && addresses.TryGetValue(port, out var address) ? address : null;

    private bool IsSet(SettingKey key) => Find(key) is { IsSet: true };

    private char? Letter(SettingKey key) => Find(key)?.Value is SettingValue.Place place ? place.Letter : null;

    private Setting? Listing(SettingKey key, int port) => Find(key) is { } setting && setting.Ports.Contains(port) ? setting : null;

    /// <summary>A port stands in one list of a source only. Of two sources, and of two names of the program, the one that wins elsewhere wins here too.</summary>
    private BindPlacement Bind(bool tcp, int port, bool isDynamic)
    {
        var exact = Place(tcp, ports => ports.Contains(port));
        return exact == BindPlacement.Unsaid && isDynamic ? Place(tcp, ports => ports.HasDynamic) : exact;
    }

    private BindPlacement Place(bool tcp, Func<PortList, bool> isListed)
    {
        var best = (Placement: BindPlacement.Unsaid, Source: int.MaxValue, Rank: 0);
        foreach (var (tcpKey, udpKey, placement) in Placements)
        {
            if (_settings[(int)(tcp ? tcpKey : udpKey)] is not var (setting, source) || !isListed(setting.Ports))
                continue;
            var rank = ApplicationSettings.Rank(setting.Application);
            if (source < best.Source || (source == best.Source && rank > best.Rank))
                best = (placement, source, rank);
        }

        return best.Placement;
    }
}
