using System.Net;
using FwRedirect.ControlChannel.Names;
using FwRedirect.ControlChannel.Status;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Names;

/// <summary>
/// Every look-up for clients: what is local is not asked, what is asked has its time and its place among all, and which address was given for which name is remembered.
/// </summary>
internal sealed class NameResolver : IDisposable, ICounted
{
    private const string NoServers = "the firewall has no DnsServers configured";

    private readonly HostLookUp? _hosts;
    private readonly DnsUpstream? _upstream;
    private readonly LocalNames _local;
    private readonly ResolvedNames _resolved;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _slots = new(Limits.LookUps);

    public NameResolver(
        IReadOnlyList<IPEndPoint> servers, IReadOnlyList<string> localDomains, ResolvedNames resolved, TimeProvider time, IReadOnlyList<IPNetwork>? localAddresses = null)
    {
        _local = new LocalNames(localDomains, localAddresses ?? []);
        _resolved = resolved;
        _time = time;
        if (servers.Count == 0)
            return;
        _hosts = new HostLookUp(servers, time);
        _upstream = new DnsUpstream(servers, time);
    }

    /// <summary>False: nobody is there to be asked.</summary>
    public bool HasServers => _upstream is not null;

    public void Count(StatusCounters counters) => counters.Add("names", "lookups", Limits.LookUps - _slots.CurrentCount);

    public async Task<NameAnswer> ResolveAsync(string name, CancellationToken stop)
    {
        name = name.TrimEnd('.');
        if (IPAddress.TryParse(name, out var literal))
            return new NameAnswer(name, [], [literal], TimeSpan.Zero, WinsockError.None, "");
        // A host name's length and characters, RFC 1123 2.1; underscores occur in practice.
        if (name.Length is 0 or > 253 || Uri.CheckHostName(name.Replace('_', 'x')) != UriHostNameType.Dns)
            return NameAnswer.Failed(WinsockError.WSAHOST_NOT_FOUND, $"'{name}' is not a host name");
        if (_local.Why(name) is { } local)
            return NameAnswer.Failed(WinsockError.WSAHOST_NOT_FOUND, local);
        if (_hosts is not { } hosts)
            return NameAnswer.Failed(WinsockError.WSANO_RECOVERY, NoServers);
        var answer = await InTurnAsync(bounded => hosts.ByNameAsync(name, bounded), NameAnswer.Failed(WinsockError.WSATRY_AGAIN, Full($"'{name}'")), stop);
        _resolved.Remember(name, answer.Addresses);
        return answer;
    }

    public async Task<NameAnswer> ResolveAsync(IPAddress address, CancellationToken stop)
    {
        if (_local.Why(address) is { } local)
            return NameAnswer.Failed(WinsockError.WSAHOST_NOT_FOUND, local);
        if (_hosts is not { } hosts)
            return NameAnswer.Failed(WinsockError.WSANO_RECOVERY, NoServers);
        return await InTurnAsync(bounded => hosts.ByAddressAsync(address, bounded), NameAnswer.Failed(WinsockError.WSATRY_AGAIN, Full($"{address}")), stop);
    }

    /// <summary>Any other question, asked on as it is. Nothing of it is kept here: who asks keeps it for as long as its records say.</summary>
    public async Task<RelayedAnswer> RelayAsync(DnsQuery query, CancellationToken stop)
    {
        if (query.Refusal is { } refusal)
            return RelayedAnswer.Failed(WinsockError.WSAEOPNOTSUPP, $"'{query.Name}' {DnsType.Text(query.Type)}: a query of this kind is not asked on ({refusal})");
        if (_local.Why(query.Name) is { } local)
            return RelayedAnswer.Failed(WinsockError.WSAHOST_NOT_FOUND, local);
        if (_upstream is not { } upstream)
            return RelayedAnswer.Failed(WinsockError.WSANO_RECOVERY, NoServers);
        var what = $"'{query.Name}' {DnsType.Text(query.Type)}";
        return await InTurnAsync(
            async bounded =>
            {
                if (await upstream.AskAsync(query, bounded) is not { } message)
                    return RelayedAnswer.Failed(WinsockError.WSATRY_AGAIN, $"no DNS server answered for {what} in time");
                _resolved.Remember(query.Name, DnsReply.Addresses(message));
                return new RelayedAnswer(message, WinsockError.None, "");
            },
            RelayedAnswer.Failed(WinsockError.WSATRY_AGAIN, Full(what)), stop);
    }

    public void Dispose() => _slots.Dispose();

    private static string Full(string what) => $"too many look-ups at once, {what} was not asked";

    /// <summary>Runs <paramref name="lookUp"/> when it has a place, within its time; <paramref name="full"/> where it gets none.</summary>
    private async Task<T> InTurnAsync<T>(Func<CancellationToken, Task<T>> lookUp, T full, CancellationToken stop)
    {
        using var budget = new CancellationTokenSource(Limits.LookUpBudget, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, budget.Token);
        try
        {
            await _slots.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return full;
        }

        try
        {
            return await lookUp(either.Token);
        }
        finally
        {
            _slots.Release();
        }
    }
}
