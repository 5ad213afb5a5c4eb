using System.Net;
using DnsClient;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Names;

/// <summary>Looks names up at the configured DNS servers: IPv4 and IPv6 addresses in one go, with the CNAME chain as aliases.</summary>
internal sealed class NameResolver : IDisposable
{
    private readonly LookupClient? _client;
    private readonly IReadOnlyList<string> _localDomains;
    private readonly ResolvedNames _resolved;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _slots = new(Limits.LookUps);

    public NameResolver(IReadOnlyList<IPEndPoint> servers, IReadOnlyList<string> localDomains, ResolvedNames resolved, TimeProvider time)
    {
        _localDomains = localDomains;
        _resolved = resolved;
        _time = time;
        if (servers.Count > 0)
            _client = new LookupClient(new LookupClientOptions([.. servers])
            {
                // Two attempts at the first server, or one at each of two, fit the budget.
                Timeout = Limits.LookUpBudget / 2.2,
                Retries = 1,
                UseCache = true,
                ThrowDnsErrors = false,
                ContinueOnDnsError = true,
                ContinueOnEmptyResponse = false,
            });
    }

    public async Task<NameAnswer> ResolveAsync(string name, CancellationToken stop)
    {
        name = name.TrimEnd('.');
        if (IPAddress.TryParse(name, out var literal))
            return new NameAnswer(name, [], [literal], TimeSpan.Zero, WinsockError.None, "");
        // A host name's length and characters, RFC 1123 2.1; underscores occur in practice.
        if (name.Length is 0 or > 253 || Uri.CheckHostName(name.Replace('_', 'x')) != UriHostNameType.Dns)
            return NameAnswer.Failed(WinsockError.WSAHOST_NOT_FOUND, $"'{name}' is not a host name");
        if (_localDomains.FirstOrDefault(domain => IsIn(name, domain)) is { } local)
            return NameAnswer.Failed(WinsockError.WSAHOST_NOT_FOUND, $"'{name}' is in the local domain {local}: the client's own DNS servers know it");
        if (_client is null)
            return NameAnswer.Failed(WinsockError.WSANO_RECOVERY, "the firewall has no DnsServers configured");

        using var budget = new CancellationTokenSource(Limits.LookUpBudget, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, budget.Token);
        try
        {
            await _slots.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return NameAnswer.Failed(WinsockError.WSATRY_AGAIN, $"too many look-ups at once, '{name}' was not asked");
        }

        try
        {
            var ipv4 = QueryAsync(_client, name, QueryType.A, either.Token);
            var ipv6 = QueryAsync(_client, name, QueryType.AAAA, either.Token);
            var first = await ipv4;
            if (first?.Answers.ARecords().Any() == true)
                await Task.WhenAny(ipv6, Task.Delay(Limits.SecondFamily, _time, either.Token));
            else
                await ipv6;
            var answer = Answer(name, first, ipv6.IsCompletedSuccessfully ? await ipv6 : null);
            _resolved.Remember(name, answer.Addresses);
            return answer;
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();

    /// <summary>Null: nobody answered in time.</summary>
    private static async Task<IDnsQueryResponse?> QueryAsync(LookupClient client, string name, QueryType type, CancellationToken stop)
    {
        try
        {
            return await client.QueryAsync(name, type, QueryClass.IN, stop).WaitAsync(stop);
        }
        catch (Exception e) when (e is DnsResponseException or DnsXidMismatchException or OperationCanceledException or ArgumentException
            or System.Net.Sockets.SocketException or FormatException or InvalidOperationException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static NameAnswer Answer(string name, params ReadOnlySpan<IDnsQueryResponse?> responses)
    {
        var addresses = new List<IPAddress>();
        IDnsQueryResponse? best = null;
        foreach (var response in responses)
        {
            if (response is null)
                continue;
            addresses.AddRange(response.Answers.AddressRecords().Select(record => record.Address));
            if (best is null || response.Answers.Count > best.Answers.Count)
                best = response;
        }

        if (best is null)
            return NameAnswer.Failed(WinsockError.WSATRY_AGAIN, $"no DNS server answered for '{name}' in time");
        if (addresses.Count > 0)
            return Entry(name, best, addresses);
        return best.Header.ResponseCode switch
        {
            DnsHeaderResponseCode.NotExistentDomain => NameAnswer.Failed(WinsockError.WSAHOST_NOT_FOUND, $"there is no name '{name}'"),
            DnsHeaderResponseCode.NoError => NameAnswer.Failed(WinsockError.WSANO_DATA, $"the name '{name}' has no address"),
            DnsHeaderResponseCode.ServerFailure => NameAnswer.Failed(WinsockError.WSATRY_AGAIN, $"the DNS server failed on '{name}'"),
            var code => NameAnswer.Failed(WinsockError.WSANO_RECOVERY, $"the DNS server answered '{name}' with {code}"),
        };
    }

    private static NameAnswer Entry(string name, IDnsQueryResponse response, List<IPAddress> addresses)
    {
        var canonical = name;
        var aliases = new List<string>();
        // The chain is followed by owner name: servers need not send its records in order.
        var chain = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var record in response.Answers.CnameRecords())
            chain.TryAdd(Plain(record.DomainName), Plain(record.CanonicalName));
        while (aliases.Count < RwsLimits.Aliases && chain.Remove(canonical, out var next))
        {
            aliases.Add(canonical);
            canonical = next;
        }

        var seconds = response.Answers.Min(record => record.TimeToLive);
        return new NameAnswer(
            canonical, aliases, [.. addresses.Distinct().Take(RwsLimits.Addresses)], TimeSpan.FromSeconds(Math.Max(0, seconds)), WinsockError.None, "");
    }

    private static string Plain(DnsString name) => name.Value.TrimEnd('.');

    private static bool IsIn(string name, string domain) =>
        name.Equals(domain, StringComparison.OrdinalIgnoreCase)
        || (name.EndsWith(domain, StringComparison.OrdinalIgnoreCase) && name[..^domain.Length].EndsWith('.'));
}
