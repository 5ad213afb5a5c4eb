using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using FwRedirect.ControlChannel.Status.Listening;
using FwRedirect.ControlChannel.Status.Listening.Linux;
using FwRedirect.ControlChannel.Status.Listening.Windows;
using Microsoft.Extensions.Logging;

namespace FwRedirect.ControlChannel.Status;

/// <summary>
/// Answers <c>GET /status</c> and <c>GET /flows</c> with JSON, one request a connection: as much of HTTP as curl and fwdiag need. A web server would do the same for 13 MB and a tenth of
/// a second at each start (measured with Kestrel), in a service that is there for packets.
/// </summary>
internal sealed partial class StatusServer : IAsyncDisposable
{
    private readonly IStatusListener _listener;
    private readonly IStatusSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _room = new(StatusLimits.Conversations);
    private Task _running = Task.CompletedTask;

    private StatusServer(IStatusListener listener, IStatusSource source, TimeProvider time, ILogger logger)
    {
        _listener = listener;
        _source = source;
        _time = time;
        _logger = logger;
    }

    /// <summary>Null where none is wanted, or where the default place can not be had: that is told to the log.</summary>
    /// <exception cref="StatusUnavailableException">The configured place can not be had.</exception>
    public static StatusServer? Open(StatusEndpoint? endpoint, IStatusSource source, TimeProvider time, ILogger logger)
    {
        if (endpoint is null)
            return null;
        try
        {
            IStatusListener listener = OperatingSystem.IsLinux() ? UnixStatusListener.Open(endpoint.Path)
                : OperatingSystem.IsWindows() ? PipeStatusListener.Open(endpoint.Path)
                : throw new IOException("this system has no place for it");
            var server = new StatusServer(listener, source, time, logger);
            server._running = Task.Run(server.RunAsync);
            LogListening(logger, endpoint);
            return server;
        }
        catch (Exception e) when (endpoint.IsConfigured && (e is IOException or UnauthorizedAccessException or SocketException))
        {
            throw new StatusUnavailableException($"StatusEndpoint {endpoint}: {e.Message}", inner: e);
        }
        catch (Exception e) when (!endpoint.IsConfigured)
        {
            // Nobody asked for it: it keeps no service from starting.
            LogMissing(logger, endpoint, e.Message);
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _room.WaitAsync(_stop.Token);
                _ = ServeAsync(await _listener.AcceptAsync(_stop.Token));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException)
            {
                _room.Release();
                LogFailed(_logger, e.Message);
                await Task.Delay(StatusLimits.Pause, _time, CancellationToken.None);
            }
        }
    }

    private async Task ServeAsync(Stream stream)
    {
        try
        {
            await using (stream)
                await AnswerAsync(stream);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Whoever asked has left, or took too long.
        }
        catch (Exception e)
        {
            LogFailed(_logger, e.Message);
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task AnswerAsync(Stream stream)
    {
        StatusRequest? request;
        using (var ask = Limit(StatusLimits.Ask))
        {
            request = await StatusRequest.ReadAsync(stream, ask.Token);
            if (request is null)
                return;
        }

        using var limit = Limit(StatusLimits.Answer);
        var stop = limit.Token;
        switch (request)
        {
            case { Method: "GET", Path: "/status" }:
                await BeginAsync(stream, "200 OK", stop);
                await JsonSerializer.SerializeAsync(stream, _source.Status(), StatusJson.Default.ServiceStatus, stop);
                break;
            case { Method: "GET", Path: "/flows" }:
                await BeginAsync(stream, "200 OK", stop);
                await JsonSerializer.SerializeAsync(stream, _source.Flows(), StatusJson.Default.IEnumerableFlowStatus, stop);
                break;
            case { Method: "GET" }:
                await FailAsync(stream, "404 Not Found", $"there is no {request.Path} here: /status, /flows", stop);
                break;
            default:
                await FailAsync(stream, "405 Method Not Allowed", "only GET is answered here", stop);
                break;
        }

        await stream.FlushAsync(stop);
    }

    private static async Task FailAsync(Stream stream, string line, string sentence, CancellationToken stop)
    {
        await BeginAsync(stream, line, stop);
        await JsonSerializer.SerializeAsync(stream, new StatusError(sentence), StatusJson.Default.StatusError, stop);
    }

    /// <summary>The end of the connection is the end of the answer (RFC 9112, 6.3): its length is known only when it is written.</summary>
    private static async Task BeginAsync(Stream stream, string line, CancellationToken stop) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {line}\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"), stop);

    private LinkedLimit Limit(TimeSpan longest) => new(longest, _time, _stop.Token);

    [LoggerMessage(50, LogLevel.Debug, "status on {Endpoint}")]
    private static partial void LogListening(ILogger logger, StatusEndpoint endpoint);

    [LoggerMessage(51, LogLevel.Warning, "no status on {Endpoint}: {Reason}")]
    private static partial void LogMissing(ILogger logger, StatusEndpoint endpoint, string reason);

    [LoggerMessage(52, LogLevel.Warning, "a question for the status was not answered: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);

    /// <summary>A time limit and the service's stop as one.</summary>
    private sealed class LinkedLimit : IDisposable
    {
        private readonly CancellationTokenSource _limit;
        private readonly CancellationTokenSource _either;

        public LinkedLimit(TimeSpan longest, TimeProvider time, CancellationToken stop)
        {
            _limit = new CancellationTokenSource(longest, time);
            _either = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, stop);
        }

        public CancellationToken Token => _either.Token;

        public void Dispose()
        {
            _either.Dispose();
            _limit.Dispose();
        }
    }
}
