using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using System.Security.Principal;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FwRedirect.ControlChannel.Status;

/// <summary>Asks a service at its status endpoint.</summary>
internal sealed class StatusClient : IDisposable
{
    private readonly StatusEndpoint _endpoint;
    private readonly HttpClient _http;

    public StatusClient(StatusEndpoint endpoint)
    {
        _endpoint = endpoint;
        // The address means nothing: every connection goes to the endpoint. No proxy either, which the environment may name.
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = (_, stop) => ConnectAsync(stop), UseProxy = false, ConnectTimeout = StatusLimits.Patience })
        {
            BaseAddress = new Uri("http://localhost"),
            Timeout = StatusLimits.Patience,
        };
    }

    /// <exception cref="StatusUnavailableException">In words for a person.</exception>
    public Task<ServiceStatus> StatusAsync(CancellationToken stop) => GetAsync("/status", StatusJson.Default.ServiceStatus, stop);

    /// <exception cref="StatusUnavailableException">In words for a person.</exception>
    public Task<List<FlowStatus>> FlowsAsync(CancellationToken stop) => GetAsync("/flows", StatusJson.Default.ListFlowStatus, stop);

    public void Dispose() => _http.Dispose();

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken stop)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, stop);
            answer.EnsureSuccessStatusCode();
            await using var body = await answer.Content.ReadAsStreamAsync(stop);
            return await JsonSerializer.DeserializeAsync(body, type, stop) ?? throw new JsonException("the answer is empty");
        }
        catch (HttpRequestException e)
        {
            throw Explain(e);
        }
        catch (OperationCanceledException e) when (!stop.IsCancellationRequested)
        {
            throw new StatusUnavailableException($"who listens on {_endpoint} does not answer", inner: e);
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new StatusUnavailableException($"the answer of {_endpoint} can not be read: {e.Message}", inner: e);
        }
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken stop)
    {
        if (OperatingSystem.IsWindows())
        {
            // Identification: whoever has made a pipe of this name can not act as the administrator who asks.
            var pipe = new NamedPipeClientStream(".", _endpoint.Path, PipeDirection.InOut, PipeOptions.Asynchronous, TokenImpersonationLevel.Identification);
            try
            {
                await pipe.ConnectAsync(TimeSpan.FromSeconds(1), stop);
                return pipe;
            }
            catch
            {
                await pipe.DisposeAsync();
                throw;
            }
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_endpoint.Path), stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private StatusUnavailableException Explain(HttpRequestException failure)
    {
        if (failure.StatusCode == HttpStatusCode.NotFound)
            return new StatusUnavailableException($"the service on {_endpoint} is of another version and does not know this question", inner: failure);
        return failure.InnerException switch
        {
            SocketException { SocketErrorCode: SocketError.AccessDenied } or UnauthorizedAccessException => new StatusUnavailableException(
                OperatingSystem.IsWindows() ? $"{_endpoint} is for administrators: use an elevated prompt" : $"{_endpoint} is for root: use sudo", inner: failure),
            // ENOENT comes as AddressNotAvailable: .NET has no name of its own for it.
            SocketException { SocketErrorCode: SocketError.AddressNotAvailable } or TimeoutException =>
                new StatusUnavailableException($"{_endpoint} does not exist", isAbsent: true, failure),
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } =>
                new StatusUnavailableException($"nobody listens on {_endpoint}: its service was killed", isAbsent: true, failure),
            _ => new StatusUnavailableException($"{_endpoint} can not be asked: {(failure.InnerException ?? failure).Message}", inner: failure),
        };
    }
}
