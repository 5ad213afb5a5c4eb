using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Names;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Names;

/// <summary>
/// DNS over TCP (RFC 7766), answered here whatever server the program meant: the one that it is configured with need not be reachable from outside, and what it may ask over UDP it may ask
/// over TCP, and nothing else. Queries may follow each other without waiting; answers come as they are ready.
/// </summary>
/// <param name="hasIPv6">Clients have a way to IPv6 destinations through this firewall.</param>
[SuppressMessage("Design", "CA1001", Justification = "Answers under way give their places back after the end; the semaphores hold nothing of the system.")]
internal sealed class DnsConversation(Stream stream, NameResolver names, bool hasIPv6, TimeProvider time)
{
    private readonly SemaphoreSlim _places = new(Limits.DnsPipelined);
    private readonly SemaphoreSlim _writing = new(1);

    public long BytesIn { get; private set; }

    public long BytesOut { get; private set; }

    /// <summary>Until the program closes, is idle for <see cref="Limits.DnsIdle"/>, or sends what is no DNS; what it asked before is still answered.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (await ReadAsync(stop) is { } message)
        {
            BytesOut += message.Length + 2;
            await _places.WaitAsync(stop);
            _ = AnswerAsync(message, stop);
        }

        for (var place = 0; place < Limits.DnsPipelined; place++)
            await _places.WaitAsync(stop);
    }

    private async Task<byte[]?> ReadAsync(CancellationToken stop)
    {
        using var idle = new CancellationTokenSource(Limits.DnsIdle, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, idle.Token);
        try
        {
            return await DnsStream.ReadAsync(stream, RwsLimits.DnsQuery, either.Token);
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return null;
        }
    }

    private async Task AnswerAsync(byte[] message, CancellationToken stop)
    {
        try
        {
            if (await AnswerToAsync(message, stop) is not { } answer)
                return;
            await _writing.WaitAsync(stop);
            try
            {
                await DnsStream.WriteAsync(stream, answer, stop);
                BytesIn += answer.Length + 2;
            }
            finally
            {
                _writing.Release();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The program is gone, or the session: nobody waits for this answer.
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<byte[]?> AnswerToAsync(byte[] message, CancellationToken stop)
    {
        if (!DnsQuery.TryParse(message, out var query))
            return DnsQuery.AnswerToMalformed(message);
        if (query.Refusal is { } refusal)
            return new DnsAnswerWriter(query).Finish(refusal);
        // As over UDP: an address that no connection could reach must not be given out. Whether this client has IPv6 is not known here: if it has none, it refuses such flows at once.
        if (query.Type == DnsType.Aaaa && !hasIPv6)
            return new DnsAnswerWriter(query).Finish(DnsResponseCode.NoError);
        var answer = await names.RelayAsync(query, stop);
        return answer.Message ?? new DnsAnswerWriter(query).Finish(answer.Error == WinsockError.WSAHOST_NOT_FOUND ? DnsResponseCode.NameError : DnsResponseCode.ServerFailure);
    }
}
