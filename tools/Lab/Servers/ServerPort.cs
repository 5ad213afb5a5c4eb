using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>Third-party servers print nothing that says "I listen": their sockets do.</summary>
internal static class ServerPort
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <exception cref="LabException">The server has ended or does not listen in time; the message holds its log.</exception>
    public static Task WaitAsync(LabNamespace space, LabProcess server, int port, CancellationToken cancellation) =>
        WaitAsync(space, server, "tcp", port, cancellation);

    /// <summary>The same for one that listens over IPv6 only.</summary>
    public static Task WaitIPv6Async(LabNamespace space, LabProcess server, int port, CancellationToken cancellation) =>
        WaitAsync(space, server, "tcp6", port, cancellation);

    /// <summary>The same for a UDP server, which is there as soon as its port is bound.</summary>
    public static Task WaitForDatagramsAsync(LabNamespace space, LabProcess server, int port, CancellationToken cancellation) =>
        WaitAsync(space, server, "udp", port, cancellation);

    private static async Task WaitAsync(LabNamespace space, LabProcess server, string protocol, int port, CancellationToken cancellation)
    {
        DateTime deadline = DateTime.UtcNow + StartBound;
        while (!IsListening(server.Id, protocol, port))
        {
            if (server.HasExited || DateTime.UtcNow > deadline)
            {
                await server.DisposeAsync();
                throw new LabException($"{server.Name} does not listen on {protocol} port {port} of {space.Name}\n{server.Log()}");
            }

            await Task.Delay(Interval, cancellation);
        }
    }

    /// <summary>/proc/PID/net shows the sockets of the process's own namespace: no program has to be started to look.</summary>
    private static bool IsListening(int processId, string protocol, int port)
    {
        // 0A: a TCP socket listens; 07: a UDP socket is bound and not connected.
        string state = protocol.StartsWith("tcp", StringComparison.Ordinal) ? "0A" : "07";
        try
        {
            return File.ReadLines($"/proc/{processId}/net/{protocol}").Skip(1)
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Any(fields => fields[3] == state && fields[1].EndsWith($":{port:X4}", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false; // it has just ended
        }
    }
}
