using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;

namespace FwRedirect.Tests.Redirector.Firewall;

/// <summary>A firewall on loopback that believes what a token says: after two legs the client is whoever both named.</summary>
internal sealed class TokenFirewall : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public TokenFirewall(int port = 0)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        EndPoint = (IPEndPoint)_listener.LocalEndpoint;
        _serving = ServeAllAsync();
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Every logon: the program, and what its tokens said.</summary>
    public ConcurrentQueue<(string Application, string Tokens)> Logons { get; } = new();

    /// <summary>So many sessions end with their first request.</summary>
    public int Drops { get; set; }

    /// <summary>A request came that is kept waiting.</summary>
    public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

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
        catch (OperationCanceledException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        var writer = new MessageWriter(PipeWriter.Create(client.GetStream()));
        var writing = writer.RunAsync(_stop.Token);
        var tokens = new List<string>();
        try
        {
            await MessageReader.RunAsync(PipeReader.Create(client.GetStream()), message => ValueTask.FromResult(Take(message, writer, tokens)), _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }

        writer.Complete();
        await writing;
    }

    private bool Take(RwsMessage message, MessageWriter writer, List<string> tokens)
    {
        if (message is ChannelSetupRequest)
        {
            return writer.TryWrite(new ChannelSetupResponse(
                ChannelSetupRequest.IsaServerCompatible, "FIREWALL", AuthenticationRequired: true, EncryptionRequired: false,
                ["Negotiate"], IPAddress.Parse("131.107.0.19"), TimeSpan.FromSeconds(15)));
        }

        if (message is not Authenticate leg)
        {
            if (Drops-- > 0)
                return false;
            Asked.TrySetResult();
            return true;
        }

        tokens.Add(Encoding.UTF8.GetString(leg.Token.Span));
        if (tokens.Count == 1)
            return writer.TryWrite(new Authenticate(leg.Package, "next"u8.ToArray(), IsFromFirewall: true));
        Logons.Enqueue((message.Application, string.Join(' ', tokens)));
        return writer.TryWrite(new LogonOk(tokens[0], default));
    }
}
