using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Server;
using FwRedirect.FirewallHost.AccessLog;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Control;
using FwRedirect.FirewallHost.Names;
using FwRedirect.FirewallHost.Policy;
using FwRedirect.FirewallHost.Sockets;
using FwRedirect.FirewallHost.Sockets.Echo;
using FwRedirect.FirewallHost.Sockets.Udp;
using FwRedirect.Tests.FirewallHost.Sockets.Echo;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using SessionEnd = FwRedirect.ControlChannel.Session.SessionEnd;

namespace FwRedirect.Tests.FirewallHost.Control;

/// <summary>A firewall without its host: the real session code, joined to the real client over a loopback connection.</summary>
internal sealed class LoopbackFirewall : IAsyncDisposable, IClientChannelHandler
{
    public static readonly IPAddress Inside = IPAddress.Parse("127.0.0.1");
    public static readonly IPAddress Outside = IPAddress.Parse("127.42.0.2");

    /// <summary>The only one that every machine has is all of them: inside, outside, the client's, the servers'.</summary>
    public static readonly IPAddress IPv6 = IPAddress.IPv6Loopback;

    private readonly List<IAsyncDisposable> _made = [];
    private readonly NameResolver _resolver;
    private readonly IInsideDatagramPorts _datagramPorts;
    private readonly ResolvedNames _names = new(TimeProvider.System);

    private LoopbackFirewall(IPEndPoint? dns, UdpOptions? udp, IReadOnlyList<AccessRule> rules, PortRange? datagramPorts, TimeProvider time, bool pings, IPAddress inside, bool ipv6)
    {
        var options = new FirewallOptions
        {
            Name = "FIREWALL",
            InternalAddresses = [Inside, IPv6],
            ExternalAddress = Outside,
            ExternalAddressIPv6 = ipv6 ? IPv6 : null,
            AccountFile = "",
            Authentication = AuthenticationMode.None,
            Udp = udp ?? new UdpOptions(),
        };
        // Everything here is loopback, so only these stand for what is local.
        var local = new LocalDestinations([IPAddress.Parse("127.42.0.99"), Outside], []);
        _resolver = new NameResolver(dns is null ? [] : [dns], [], _names, TimeProvider.System);
        LogPath = Path.Combine(Path.GetTempPath(), $"access-{Guid.NewGuid():N}.log");
        AccessLog = new AccessLogWriter(LogPath, time, NullLogger.Instance);
        var dropped = new DroppedDatagrams(time, Log);
        _datagramPorts = datagramPorts is null ? new DynamicDatagramPorts(dropped, Log) : new SharedDatagramPorts(datagramPorts, dropped, Log);
        Firewall = new Firewall(
            options, new AccessPolicy(rules, AuthenticationMode.None, local, _names), _resolver, new DynamicInsidePorts(NullLogger.Instance),
            _datagramPorts, dropped, AccessLog, time, NullLoggerFactory.Instance)
        {
            Echoes = pings ? new OutsideEchoes((family, answers) => family == inside.AddressFamily ? EchoSender = new FakeEchoSender(answers) : null, time) : OutsideEchoes.None(time),
        };
    }

    public Firewall Firewall { get; }

    /// <summary>Where pings go, if the firewall may send any.</summary>
    public FakeEchoSender EchoSender { get; private set; } = null!;

    public AccessLogWriter AccessLog { get; }

    public string LogPath { get; }

    public required RwsClientChannel Client { get; set; }

    /// <summary>What is said of datagrams that were dropped.</summary>
    public FakeLogger Log { get; } = new();

    public BlockingCollection<MappingError> Errors { get; } = [];

    public BlockingCollection<NewMapping> Mappings { get; } = [];

    public BlockingCollection<Close> Closes { get; } = [];

    public BlockingCollection<SettingsContent> Settings { get; } = [];

    /// <param name="datagramPorts">Inside ports of UDP; null: dynamic ones.</param>
    /// <param name="time">The firewall's own; the channel's runs on.</param>
    /// <param name="inside">The address that the client's channel reaches.</param>
    /// <param name="ipv6">The firewall has an outside address of IPv6.</param>
    public static async Task<LoopbackFirewall> StartAsync(
        IPEndPoint? dns = null, UdpOptions? udp = null, IReadOnlyList<AccessRule>? rules = null, PortRange? datagramPorts = null, TimeProvider? time = null,
        bool pings = false, IPAddress? inside = null, bool ipv6 = false)
    {
        inside ??= Inside;
        var firewall = new LoopbackFirewall(dns, udp, rules ?? [], datagramPorts, time ?? TimeProvider.System, pings, inside, ipv6) { Client = null! };
        var pair = await SocketPair.ConnectAsync(inside.AddressFamily);
        var session = new ClientSession(firewall.Firewall, inside);
        var channel = new RwsServerChannel(
            ControlConnectionHandler.ChannelOptions(firewall.Firewall, inside), session, TimeProvider.System, NullLogger.Instance);
        var stream = new NetworkStream(pair.Near, ownsSocket: true);
        var running = Task.Run(async () =>
        {
            await channel.RunAsync(new Transport(stream), pair.Near.RemoteEndPoint, CancellationToken.None);
            channel.Dispose();
            await stream.DisposeAsync();
        });
        firewall.Client = await RwsClientChannel.OpenAsync(
            new NetworkStream(pair.Far, ownsSocket: true),
            new ClientChannelOptions { Application = "ftp.exe", Client = new ClientInfo("alice", "CLIENT", "Windows XP", 32) },
            firewall, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        firewall._made.Add(new Joined(running));
        return firewall;
    }

    public BlockingCollection<RwsMessage> Echoes { get; } = [];

    /// <summary>The next ping that goes out.</summary>
    public async Task<(IPAddress Destination, ushort Sequence, byte TimeToLive, bool DontFragment, byte[] Data)> EchoSentAsync() =>
        await EchoSender.Next.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>Ends the session, and reads what it has left in the access log.</summary>
    public async Task<string[]> AccessLogAfterTheEndAsync()
    {
        await Client.DisposeAsync();
        foreach (var made in _made)
            await made.DisposeAsync();
        _made.Clear();
        await AccessLog.DisposeAsync();
        return [.. (await File.ReadAllLinesAsync(LogPath)).Where(line => !line.StartsWith('#'))];
    }

    public void EchoAnswered(RwsClientChannel channel, RwsMessage answer) => Echoes.Add(answer);

    public void NewMapping(RwsClientChannel channel, NewMapping mapping) => Mappings.Add(mapping);

    public void MappingFailed(RwsClientChannel channel, MappingError error) => Errors.Add(error);

    public void SettingsChanged(RwsClientChannel channel, SettingsChanged changed) => Settings.Add(changed.Content);

    public void Closed(RwsClientChannel channel, Close close) => Closes.Add(close);

    public void Ended(RwsClientChannel channel, SessionEnd end)
    {
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        foreach (var made in _made)
            await made.DisposeAsync();
        await AccessLog.DisposeAsync();
        _datagramPorts.Dispose();
        _resolver.Dispose();
        File.Delete(LogPath);
    }

    private sealed class Joined(Task running) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await running;
    }

    private sealed class Transport(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
