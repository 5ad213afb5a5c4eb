using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace FwRedirect.Lab.Product;

/// <summary>Asks a service at its status endpoint.</summary>
public static class StatusReader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="socket">The file that the configuration has as StatusEndpoint.</param>
    /// <param name="path">/status or /flows.</param>
    public static async Task<JsonNode> GetAsync(string socket, string path, CancellationToken cancellation = default)
    {
        using var http = new HttpClient(new SocketsHttpHandler { ConnectCallback = (_, stop) => ConnectAsync(socket, stop), UseProxy = false }) { Timeout = Patience };
        string json = await http.GetStringAsync(new Uri($"http://localhost{path}"), cancellation);
        return JsonNode.Parse(json)!;
    }

    /// <summary>The counters by "group.name".</summary>
    public static async Task<IReadOnlyDictionary<string, long>> CountersAsync(string socket, CancellationToken cancellation = default)
    {
        JsonNode status = await GetAsync(socket, "/status", cancellation);
        return status["counters"]!.AsObject()
            .SelectMany(group => group.Value!.AsObject().Select(counter => (Name: $"{group.Key}.{counter.Key}", Value: counter.Value!.GetValue<long>())))
            .ToDictionary(counter => counter.Name, counter => counter.Value);
    }

    private static async ValueTask<Stream> ConnectAsync(string socket, CancellationToken cancellation)
    {
        var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
            return new NetworkStream(connection, ownsSocket: true);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
