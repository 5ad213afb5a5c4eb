using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Server;
using FwRedirect.ControlChannel.Session;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.ControlChannel.Channels;

/// <summary>The firewall's real channels over pipes that the test cuts; no sockets. What its sessions are asked, they answer as <see cref="Answer"/> says.</summary>
internal sealed class PipeFirewall(int mostLost = 100, int mostLostOfClient = 100)
{
    private readonly List<Pipe> _pipes = [];

    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(45);

    public FakeTimeProvider Time { get; } = new();

    public ResumableSessions Sessions { get; } = new(Grace, mostLost, mostLostOfClient);

    /// <summary>The sessions that were opened, in order.</summary>
    public ConcurrentQueue<Owner> Owners { get; } = new();

    /// <summary>Why each connection ended.</summary>
    public ConcurrentQueue<SessionEnd> Ends { get; } = new();

    public Func<RwsMessage, RwsMessage?> Answer { get; set; } = _ => null;

    public string Address { get; set; } = "192.168.0.2";

    /// <summary>The client's end of a new connection.</summary>
    public Stream Connect()
    {
        var (up, down) = (new Pipe(), new Pipe());
        _pipes.AddRange([up, down]);
        _ = ServeAsync(new Duplex(up.Reader, down.Writer), new IPEndPoint(IPAddress.Parse(Address), 40_000 + _pipes.Count));
        return new PipeStream(down.Reader, up.Writer);
    }

    /// <summary>All connections break, for both sides.</summary>
    public void Cut()
    {
        foreach (var pipe in _pipes)
        {
            pipe.Reader.CancelPendingRead();
            pipe.Writer.Complete(new IOException("cut"));
        }

        _pipes.Clear();
    }

    public Task<RwsClientChannel> OpenAsync(IClientChannelHandler handler, string application = "ftp.exe", uint run = 1, bool kill = false, Func<Stream>? reconnect = null) =>
        RwsClientChannel.OpenAsync(
            Connect(),
            new ClientChannelOptions
            {
                Application = application,
                Client = Messages.Samples.WindowsXp,
                Run = run,
                KillOldSession = kill,
                Reconnect = _ => Task.FromResult((reconnect ?? Connect)()),
            },
            handler, Time, NullLogger.Instance, CancellationToken.None);

    private async Task ServeAsync(IDuplexPipe transport, EndPoint remote)
    {
        var options = new ServerChannelOptions
        {
            Firewall = "FIREWALL",
            ExternalAddress = IPAddress.Parse("131.107.0.19"),
            AuthenticationRequired = false,
            AuthenticationOffered = false,
            Sessions = Sessions,
        };
        var owner = new Owner(this);
        using var channel = new RwsServerChannel(options, owner, Time, NullLogger.Instance);
        Ends.Enqueue(await channel.RunAsync(transport, remote, CancellationToken.None));
        await transport.Input.CompleteAsync();
        await transport.Output.CompleteAsync();
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Who stands behind a session.</summary>
    internal sealed class Owner(PipeFirewall firewall) : IServerChannelHandler
    {
        private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IServerChannel? Channel { get; private set; }

        public ConcurrentQueue<RwsMessage> Requests { get; } = new();

        public Task<string> Closing => _closed.Task.WaitAsync(TimeSpan.FromSeconds(20));

        public void Opened(IServerChannel channel)
        {
            Channel = channel;
            firewall.Owners.Enqueue(this);
        }

        public void Request(RwsMessage message)
        {
            Requests.Enqueue(message);
            if (firewall.Answer(message) is { } reply)
                Channel!.Send(reply with { Id = message.Id });
        }

        public void Closed(string reason) => _closed.SetResult(reason);
    }

    /// <summary>A stream over the two ends of two pipes.</summary>
    private sealed class PipeStream(PipeReader input, PipeWriter output) : Stream
    {
        private readonly Stream _input = input.AsStream();
        private readonly Stream _output = output.AsStream();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => _output.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => _output.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => _input.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _input.ReadAsync(buffer, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => _output.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _output.WriteAsync(buffer, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            _output.Dispose();
            _input.Dispose();
            base.Dispose(disposing);
        }
    }
}
