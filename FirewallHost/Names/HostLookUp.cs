using System.Net;
using DnsClient;
using DnsClient.Protocol;
using FwRedirect.ControlChannel.Names;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Names;

/// <summary>Host entries from DNS: IPv4 and IPv6 addresses in one go with the CNAME chain as aliases, or the names of an address.</summary>
internal sealed class HostLookUp(IReadOnlyList<IPEndPoint> servers, TimeProvider time)
{
    private readonly LookupClient _client = new(new LookupClientOptions([.. servers])
    {
        // Two attempts at the first server, or one at each of two, fit the budget.
        Timeout = Limits.LookUpAttempt,
        Retries = 1,
        UseCache = true,
        ThrowDnsErrors = false,
        ContinueOnDnsError = true,
        ContinueOnEmptyResponse = false,
    });

    public async Task<NameAnswer> ByNameAsync(string name, CancellationToken stop)
    {
        var ipv4 = TryAsync(() => _client.QueryAsync(name, QueryType.A, QueryClass.IN, stop), stop);
        var ipv6 = TryAsync(() => _client.QueryAsync(name, QueryType.AAAA, QueryClass.IN, stop), stop);
        var first = await ipv4;
        if (first?.Answers.ARecords().Any() == true)
            await Task.WhenAny(ipv6, Task.Delay(Limits.SecondFamily, time, stop));
        else
            await ipv6;
        return Answer(name, first, ipv6.IsCompletedSuccessfully ? await ipv6 : null);
    }

    public async Task<NameAnswer> ByAddressAsync(IPAddress address, CancellationToken stop)
    {
        var response = await TryAsync(() => _client.QueryReverseAsync(address, stop), stop);
        if (response is null)
            return Silence($"{address}");
        // By type, not by owner: the names of a part of a network often stand behind a CNAME (RFC 2317).
        var names = response.Answers.PtrRecords().Select(record => Plain(record.PtrDomainName)).Where(IsSendable).Take(RwsLimits.HostNames).ToList();
        if (names.Count == 0)
            return Failure($"{address}", "name", response);
        var seconds = response.Answers.Min(record => record.TimeToLive);
        return new NameAnswer(names[0], names[1..], [address], Lifetime(seconds), WinsockError.None, "");
    }

    /// <summary>Null: nobody answered in time.</summary>
    private static async Task<IDnsQueryResponse?> TryAsync(Func<Task<IDnsQueryResponse>> query, CancellationToken stop)
    {
        try
        {
            return await query().WaitAsync(stop);
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
            return Silence($"'{name}'");
        return addresses.Count > 0 ? Entry(name, best, addresses) : Failure($"'{name}'", "address", best);
    }

    private static NameAnswer Silence(string what) => NameAnswer.Failed(WinsockError.WSATRY_AGAIN, $"no DNS server answered for {what} in time");

    private static NameAnswer Failure(string what, string wanted, IDnsQueryResponse response)
    {
        var answer = response.Header.ResponseCode switch
        {
            DnsHeaderResponseCode.NotExistentDomain => NameAnswer.Failed(WinsockError.WSAHOST_NOT_FOUND, $"there is no name {what}"),
            DnsHeaderResponseCode.NoError => NameAnswer.Failed(WinsockError.WSANO_DATA, $"the name {what} has no {wanted}"),
            DnsHeaderResponseCode.ServerFailure => NameAnswer.Failed(WinsockError.WSATRY_AGAIN, $"the DNS server failed on {what}"),
            var code => NameAnswer.Failed(WinsockError.WSANO_RECOVERY, $"the DNS server answered {what} with {code}"),
        };
        return answer with { Authority = response.Authorities.SoaRecords().Select(Authority).FirstOrDefault(soa => soa is not null) };
    }

    private static StartOfAuthority? Authority(SoaRecord soa)
    {
        var (zone, server, mailbox) = (Plain(soa.DomainName), Plain(soa.MName), Plain(soa.RName));
        return (zone.Length == 0 || IsSendable(zone)) && IsSendable(server) && IsSendable(mailbox)
            ? new StartOfAuthority(
                zone, server, mailbox, soa.Serial, soa.Refresh, soa.Retry, soa.Expire, soa.Minimum, (uint)Math.Max(0, soa.TimeToLive))
            : null;
    }

    private static NameAnswer Entry(string name, IDnsQueryResponse response, List<IPAddress> addresses)
    {
        var canonical = name;
        var aliases = new List<string>();
        // The chain is followed by owner name: servers need not send its records in order.
        var chain = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var record in response.Answers.CnameRecords())
            chain.TryAdd(Plain(record.DomainName), Plain(record.CanonicalName));
        while (aliases.Count < RwsLimits.Aliases && chain.Remove(canonical, out var next) && IsSendable(next))
        {
            aliases.Add(canonical);
            canonical = next;
        }

        var seconds = response.Answers.Min(record => record.TimeToLive);
        return new NameAnswer(canonical, aliases, [.. addresses.Distinct().Take(RwsLimits.Addresses)], Lifetime(seconds), WinsockError.None, "");
    }

    private static TimeSpan Lifetime(int seconds) => TimeSpan.FromSeconds(Math.Max(0, seconds));

    private static string Plain(DnsString name) => name.Value.TrimEnd('.');

    /// <summary>What a message of the control channel can carry; names from outside may hold any byte.</summary>
    private static bool IsSendable(string name) => name.Length is > 0 and <= RwsLimits.HostName && name.All(c => c is > ' ' and < '\x7F');
}
