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
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<(IServerChannel Channel, RwsMessage Message)> _requests = Channel.CreateUnbounded<(IServerChannel, RwsMessage)>();
    private readonly Channel<(IServerChannel Channel, ObjectId Id)> _subscriptions = Channel.CreateUnbounded<(IServerChannel, ObjectId)>();
    private readonly Task _serving;

    /// <param name="pings">It says that it takes echo requests.</param>
    public ScriptedFirewall(bool pings = false)
    {
        Protocols = pings ? [BindProtocol.Tcp, BindProtocol.Udp, BindProtocol.Icmp] : [BindProtocol.Tcp, BindProtocol.Udp];
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serving = ServeAllAsync();
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
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAllAsync()
    {
        List<Task> sessions = [];
        try
        {
            while (true)
                sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception) when (_stop.IsCancellationRequested) // canceled, or the listener was closed between two accepts
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        var options = new ServerChannelOptions
        {
            Firewall = "FIREWALL",
            ExternalAddress = IPAddress.Parse("131.107.0.19"),
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
