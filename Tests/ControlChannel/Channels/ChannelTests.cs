using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Server;
using FwRedirect.ControlChannel.Session;
using FwRedirect.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace FwRedirect.Tests.ControlChannel.Channels;

/// <summary>Both channels over a loopback connection, with the platform's NTLM.</summary>
[TestClass]
public sealed class ChannelTests
{
    private static readonly string Accounts = Path.Combine(Path.GetTempPath(), $"fwredirect-accounts-{Environment.ProcessId}");

    public required TestContext TestContext { get; init; }

    [ClassInitialize]
    public static void WriteAccounts(TestContext _)
    {
        File.WriteAllText(Accounts, "CONTOSO:alice:S3cret!pass\n");
        if (OperatingSystem.IsLinux())
            NativeEnvironment.Set("NTLM_USER_FILE", Accounts);
    }

    [ClassCleanup]
    public static void RemoveAccounts() => File.Delete(Accounts);

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public async Task AliceLogsOnWithNtlmAndMakesARequest()
    {
        await using var link = await Link.StartAsync(TestContext.CancellationToken);
        await using var client = await link.OpenAsync("S3cret!pass");
        Assert.AreEqual("CONTOSO\\alice", client.User);

        var reply = await client.RequestAsync(new GetHostByName("ftp.contoso.com") { Id = client.Ids.Next() });
        // Only now: the client's Logon OK may be read before the firewall's side has told its handler.
        Assert.AreEqual("CONTOSO\\alice", link.Handler.Identity!.User);
        Assert.AreEqual("RWS:0x10000 Host entry response to ftp for 'ftp.contoso.com'", reply.Describe());

        await client.DisposeAsync();
        StringAssert.Contains(await link.Handler.ClosedReason.Task.WaitAsync(TestContext.CancellationToken), "closed the control connection");
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public async Task AWrongPasswordIsSaidPlainlyOnBothSides()
    {
        await using var link = await Link.StartAsync(TestContext.CancellationToken);
        var refusal = await Assert.ThrowsExactlyAsync<ChannelException>(() => link.OpenAsync("not-the-password"));
        Assert.AreEqual(SessionEndKind.LogonRefused, refusal.End.Kind);
        Assert.AreEqual("FIREWALL did not accept the user name or the password", refusal.Message);
        Assert.IsNull(link.Handler.Identity);

        var end = await link.Served.WaitAsync(TestContext.CancellationToken);
        Assert.AreEqual(SessionEndKind.LogonRefused, end.Kind);
        var line = link.Log.GetSnapshot().Single(r => r.Level == LogLevel.Warning).Message;
        StringAssert.Contains(line, "logon refused for CONTOSO\\alice (asked for by alice on CLIENT)");
        Assert.DoesNotContain("not-the-password", line);
    }

    [TestMethod]
    public async Task NoiseEndsTheSessionWithTheFieldNamed()
    {
        await using var link = await Link.StartAsync(TestContext.CancellationToken);
        await link.ClientStream.WriteAsync("GET / HTTP/1.1\r\nHost: firewall\r\nUser-Agent: noise\r\n\r\n"u8.ToArray(), TestContext.CancellationToken);
        var end = await link.Served.WaitAsync(TestContext.CancellationToken);
        Assert.AreEqual(SessionEndKind.ProtocolViolation, end.Kind);
        StringAssert.Contains(end.Sentence, "ProtoSig");
    }

    private sealed class Link : IAsyncDisposable
    {
        private readonly TcpClient _client;
        private readonly TcpClient _server;
        private readonly RwsServerChannel _channel;

        private Link(TcpClient client, TcpClient server, CancellationToken cancellationToken)
        {
            (_client, _server) = (client, server);
            var options = new ServerChannelOptions { Firewall = "FIREWALL", ExternalAddress = IPAddress.Parse("131.107.0.19"), Packages = ["NTLM"] };
            _channel = new RwsServerChannel(options, Handler, TimeProvider.System, new FakeLogger(Log));
            Served = ServeAsync(cancellationToken);
        }

        public Handler Handler { get; } = new();

        public FakeLogCollector Log { get; } = new();

        public Task<SessionEnd> Served { get; }

        public Stream ClientStream => _client.GetStream();

        public static async Task<Link> StartAsync(CancellationToken cancellationToken)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var client = new TcpClient();
            await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, cancellationToken);
            return new Link(client, await listener.AcceptTcpClientAsync(cancellationToken), cancellationToken);
        }

        public Task<RwsClientChannel> OpenAsync(string password)
        {
            var options = new ClientChannelOptions
            {
                Application = "ftp",
                Client = new ClientInfo("alice", "CLIENT", "Linux", 64),
                Credential = new NetworkCredential("alice", password, "CONTOSO"),
                Packages = ["NTLM"],
            };
            return RwsClientChannel.OpenAsync(ClientStream, options, new Deaf(), TimeProvider.System, new FakeLogger(), CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            await Served;
            _channel.Dispose();
        }

        private async Task<SessionEnd> ServeAsync(CancellationToken cancellationToken)
        {
            var stream = _server.GetStream();
            var end = await _channel.RunAsync(new Duplex(PipeReader.Create(stream), PipeWriter.Create(stream)), _server.Client.RemoteEndPoint, cancellationToken);
            _server.Dispose();
            return end;
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class Handler : IServerChannelHandler
    {
        private IServerChannel? _channel;

        public ServerIdentity? Identity { get; private set; }

        public TaskCompletionSource<string> ClosedReason { get; } = new();

        public void Opened(IServerChannel channel)
        {
            _channel = channel;
            Identity = channel.Identity;
        }

        public void Request(RwsMessage message) =>
            _channel!.Send(new HostEntry(((GetHostByName)message).Name, "x", [], [IPAddress.Parse("131.107.0.21")], TimeSpan.FromSeconds(1)) { Id = message.Id });

        public void Closed(string reason) => ClosedReason.TrySetResult(reason);
    }

    private sealed class Deaf : IClientChannelHandler
    {
        public void NewMapping(RwsClientChannel channel, NewMapping mapping)
        {
        }

        public void Closed(RwsClientChannel channel, Close close)
        {
        }

        public void Ended(RwsClientChannel channel, SessionEnd end)
        {
        }
    }
}
