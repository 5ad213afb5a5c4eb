using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using FwRedirect.ControlChannel.Names;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Names;

/// <summary>
/// Asks the DNS servers outside a question as it is: over UDP with an id and a port that nobody can guess (RFC 5452), over TCP where the answer is truncated, the next server where
/// one is silent or fails.
/// </summary>
internal sealed class DnsUpstream(IReadOnlyList<IPEndPoint> servers, TimeProvider time)
{
    private const int LongestMessage = ushort.MaxValue;

    /// <summary>The best answer that was to be had, its id that of <paramref name="query"/>; null where nobody answered.</summary>
    /// <param name="query">To be asked in the form of <see cref="DnsQuery.ToRelay"/>.</param>
    /// <param name="stop">Also ends the last attempt.</param>
    public async Task<byte[]?> AskAsync(DnsQuery query, CancellationToken stop)
    {
        byte[]? best = null;
        var attempts = Math.Max(2, servers.Count);
        for (var attempt = 0; attempt < attempts && !stop.IsCancellationRequested; attempt++)
        {
            var answer = await AskAsync(servers[attempt % servers.Count], query, stop);
            if (answer is not null)
                best = answer;
            // An answer counts wherever it says something of the name; of a server's own trouble the next server may know nothing.
            if (answer is not null && (servers.Count == 1 || DnsReply.Code(answer) is DnsResponseCode.NoError or DnsResponseCode.NameError or DnsResponseCode.FormatError))
                break;
        }

        if (best is not null)
            BinaryPrimitives.WriteUInt16BigEndian(best, query.Id);
        return best;
    }

    private async Task<byte[]?> AskAsync(IPEndPoint server, DnsQuery query, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(Limits.LookUpAttempt, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        var message = query.ToRelay();
        RandomNumberGenerator.Fill(message.AsSpan(0, 2));
        byte[]? answer = null;
        try
        {
            answer = await AskOverUdpAsync(server, query, message, either.Token);
            return DnsReply.IsTruncated(answer) ? await AskOverTcpAsync(server, query, message, either.Token) ?? answer : answer;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or IOException)
        {
            // Refused, unreachable, silent; a truncated answer without its whole is still better than none.
            return answer;
        }
    }

    private static async Task<byte[]> AskOverUdpAsync(IPEndPoint server, DnsQuery query, byte[] message, CancellationToken stop)
    {
        // Connected: only this server's datagrams arrive, and its ICMP errors.
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, stop);
        await socket.SendAsync(message, stop);
        var buffer = new byte[LongestMessage];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, stop);
            // Anything else is a guess, or late.
            if (IsAnswer(query, message, buffer.AsSpan(0, length)))
                return buffer[..length];
        }
    }

    private static async Task<byte[]?> AskOverTcpAsync(IPEndPoint server, DnsQuery query, byte[] message, CancellationToken stop)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, stop);
        await using var stream = new NetworkStream(socket);
        await DnsStream.WriteAsync(stream, message, stop);
        var answer = await DnsStream.ReadAsync(stream, LongestMessage, stop);
        return answer is not null && IsAnswer(query, message, answer) ? answer : null;
    }

    private static bool IsAnswer(DnsQuery query, byte[] message, ReadOnlySpan<byte> answer) =>
        query.IsAnsweredBy(answer) && answer[..2].SequenceEqual(message.AsSpan(0, 2)) && DnsReply.IsWhole(answer);
}
