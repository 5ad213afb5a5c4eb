using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Server;
using Microsoft.Extensions.Logging.Abstractions;

namespace FwRedirect.Tests.Redirector.Service;

/// <summary>The real server side of the control channel on loopback; what clients ask is read and answered by the test.</summary>
internal sealed class ScriptedFirewall : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TcpListener? _listenerV6;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<(IServerChannel Channel, RwsMessage Message)> _requests = Channel.CreateUnbounded<(IServerChannel, RwsMessage)>();
    private readonly Channel<(IServerChannel Channel, ObjectId Id)> _subscriptions = Channel.CreateUnbounded<(IServerChannel, ObjectId)>();
    private readonly Task _serving;

    /// <param name="pings">It says that it takes echo requests.</param>
    /// <param name="ipv6">It takes channels at ::1 too, and says so.</param>
    public ScriptedFirewall(bool pings = false, bool ipv6 = false)
    {
        Protocols = pings ? [BindProtocol.Tcp, BindProtocol.Udp, BindProtocol.Icmp] : [BindProtocol.Tcp, BindProtocol.Udp];
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        if (ipv6)
        {
            _listenerV6 = new TcpListener(IPAddress.IPv6Loopback, Port);
            _listenerV6.Start();
        }

        _serving = Task.WhenAll(ServeAllAsync(_listener), _listenerV6 is null ? Task.CompletedTask : ServeAllAsync(_listenerV6));
    }

    public int Port { get; }

    /// <summary>What the clients are told that it carries.</summary>
    public IReadOnlyList<byte> Protocols { get; set; }

    /// <summary>What it sets for its clients; null: it knows no settings. It tells them by itself.</summary>
    public SettingsContent? Settings { get; set; }

    /// <summary>Who hears of changes.</summary>
    public (IServerChannel Channel, ObjectId Id)? Subscriber { get; set; }

    public async Task<(IServerChannel Channel, ObjectId Id)> SubscribedAsync()
    {
        var subscriber = await _subscriptions.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        while (subscriber.Channel != Subscriber?.Channel)
            subscriber = await _subscriptions.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        return subscriber;
    }

    /// <summary>The next message of any client; it has to be a <typeparamref name="T"/>.</summary>
    public async Task<(IServerChannel Channel, T Message)> NextAsync<T>() where T : RwsMessage
    {
        var (channel, message) = await _requests.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.IsInstanceOfType<T>(message, message.Describe());
        return (channel, (T)message);
    }

    public async ValueTask DisposeAsync()
    {
        if (_serving.IsCompleted)
            return;
        await _stop.CancelAsync();
        _listener.Dispose();
        _listenerV6?.Dispose();
        await _serving;
        _stop.Dispose();
    }

    /// <summary>Its road of IPv6 breaks: nothing listens there, and nobody is told.</summary>
    public void CloseIPv6() => _listenerV6!.Dispose();

    private async Task ServeAllAsync(TcpListener listener)
    {
        List<Task> sessions = [];
        try
        {
            while (true)
                sessions.Add(ServeAsync(await listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception) when (_stop.IsCancellationRequested || listener == _listenerV6) // canceled, or the listener was closed between two accepts
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        var isIPv6 = client.Client.AddressFamily == AddressFamily.InterNetworkV6;
        var options = new ServerChannelOptions
        {
            Firewall = "FIREWALL",
            ExternalAddress = IPAddress.Parse(isIPv6 ? "2001:db8:2::19" : "131.107.0.19"),
            OtherInsideAddress = isIPv6 ? IPAddress.Loopback : _listenerV6 is null ? null : IPAddress.IPv6Loopback,
            AuthenticationRequired = false,
            AuthenticationOffered = false,
            SettingsVersion = Settings?.Version,
            Protocols = Protocols,
        };
        using var channel = new RwsServerChannel(options, new Handler(this), TimeProvider.System, NullLogger.Instance);
        var stream = client.GetStream();
        await channel.RunAsync(new Duplex(PipeReader.Create(stream), PipeWriter.Create(stream)), client.Client.RemoteEndPoint, _stop.Token);
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class Handler(ScriptedFirewall firewall) : IServerChannelHandler
    {
        private IServerChannel? _channel;

        public void Opened(IServerChannel channel) => _channel = channel;

        public void Request(RwsMessage message)
        {
            if (message is not GetSettings || firewall.Settings is not { } settings)
            {
                firewall._requests.Writer.TryWrite((_channel!, message));
                return;
            }

            _channel!.Send(new SettingsReply(settings) { Id = message.Id });
            firewall.Subscriber = (_channel!, message.Id);
            firewall._subscriptions.Writer.TryWrite((_channel!, message.Id));
        }

        public void Closed(string reason)
        {
        }
    }
}
