using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Server;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Service;
using FwRedirect.Tests.Redirector.Packets;
using FwRedirect.Tests.Support;

namespace FwRedirect.Tests.Redirector.Service;

/// <summary>The service itself between a fake machine and a scripted firewall: packets and socket events in, packets and messages out.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    public static readonly PacketEndpoint Client = Raw.At("192.168.0.2:1515");
    public static readonly PacketEndpoint Peer = Raw.At("131.107.0.21:21");
    public static readonly IPEndPoint Inside = IPEndPoint.Parse("192.168.0.1:6789");
    public static readonly IPEndPoint Outside = IPEndPoint.Parse("131.107.0.19:4000");

    private RunningService(RedirectorOptions options) => Service = new RedirectorService(options, Machine, TimeProvider.System, Log);

    public ScriptedFirewall Firewall { get; private init; } = null!;

    public LogLines Log { get; } = new();

    public FakeMachine Machine { get; } = new();

    public FakeDiverter Diverter => Machine.Diverter;

    public RedirectorService Service { get; }

    public static async Task<RunningService> StartAsync(
        UnreachableTreatment treatment = UnreachableTreatment.Block, Func<RedirectorOptions, RedirectorOptions>? change = null,
        Action<FakeMachine>? prepare = null, bool pings = false, SettingsContent? settings = null, bool ipv6 = false)
    {
        var firewall = new ScriptedFirewall(pings, ipv6) { Settings = settings };
        var options = Options(firewall.Port) with { WhenFirewallUnreachable = treatment, LocalDomains = ["corp.example"] };
        var running = new RunningService(change?.Invoke(options) ?? options) { Firewall = firewall };
        running.Machine.HasIPv6 = ipv6;
        prepare?.Invoke(running.Machine);
        await running.Service.StartAsync(CancellationToken.None);
        return running;
    }

    public static RedirectorOptions Options(int port) => new() { Firewalls = [new("127.0.0.1", port)] };

    public static byte[] Syn(ushort port = 1515, uint sequence = 1000) => Raw.Tcp(Raw.At($"192.168.0.2:{port}"), Peer, TcpFlags.Syn, sequence);

    public static ConnectReply Reply(ConnectRequest request) => new(request.Source, Inside, Outside, request.Destination) { Id = request.Id };

    /// <summary>A flow of ftp that the firewall has connected, its SYN released.</summary>
    public async Task<(IServerChannel Channel, ObjectId Id)> ConnectAsync(ushort port = 1515)
    {
        await Diverter.TakeAsync(Syn(port));
        var (channel, request) = await Firewall.NextAsync<ConnectRequest>();
        channel.Send(Reply(request));
        await Diverter.SentAsync();
        return (channel, request.Id);
    }

    public async ValueTask DisposeAsync()
    {
        await Service.StopAsync(CancellationToken.None);
        await Firewall.DisposeAsync();
        Assert.IsEmpty(Machine.WrongSlots);
    }
}
