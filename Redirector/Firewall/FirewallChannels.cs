using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Status;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Processes;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Firewall;

/// <summary>
/// The control channels of this machine: one per user, application and firewall, opened on first need, shared by all processes of that program, closed when idle and when
/// the user logs off. Who has credentials of the own logs on with them; see README.md for whom the configured ones are.
/// </summary>
internal sealed class FirewallChannels(
    RedirectorOptions options, FirewallList firewalls, IClientChannelHandler handler, TimeProvider time, ILogger<FirewallChannels> logger) : IAsyncDisposable, ICounted
{
    private readonly ConcurrentDictionary<ChannelKey, Entry> _entries = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly uint _run = (uint)Random.Shared.NextInt64(1, uint.MaxValue);
    private long _everOpened;
    private long _everFailed;
    private long _everResumed;
    private volatile string? _problem;

    /// <summary>Why no firewall can be reached, or why the last channel could not be opened; null where it could, or none was tried.</summary>
    public string? Problem => firewalls.Complaint ?? _problem;

    public void Count(StatusCounters counters)
    {
        var open = _entries.Values.Select(entry => entry.Open).OfType<FirewallChannel>().Where(channel => channel.Rws.IsOpen).ToArray();
        counters.Add("channels", "open", open.Length);
        counters.Add("channels", "lost", _entries.Values.Count(entry => entry.Open is { Rws: { IsOpen: false, HasEnded: false } }));
        counters.Add("channels", "objects", open.Sum(channel => channel.Rws.Ids.InUse));
        counters.Add("channels", "everOpened", Interlocked.Read(ref _everOpened));
        counters.Add("channels", "everFailed", Interlocked.Read(ref _everFailed));
        counters.Add("channels", "everResumed", Interlocked.Read(ref _everResumed));
    }

    /// <summary>ForceCredentials: for these the configured credentials are taken, whoever runs them.</summary>
    public Func<ProcessInfo, bool> ForcesCredentials { get; init; } = _ => false;

    /// <summary>Called with every channel that has opened; must not block.</summary>
    public Action<FirewallChannel>? Opened { get; init; }

    /// <summary>KillOldSession: what earlier runs of these have left at the firewall ends before their session begins.</summary>
    public Func<ProcessInfo, bool> KillsOldSession { get; init; } = _ => false;

    /// <summary>
    /// The channel for <paramref name="process"/> at the first firewall that can be reached; the first caller opens it, the others wait for the same. Where all firewalls are known
    /// to be away nobody waits.
    /// </summary>
    /// <param name="family">Of the flow: its channel is of the same. Null: for what has none, names and settings.</param>
    /// <exception cref="ChannelUnavailableException">There is none, and why.</exception>
    public async Task<FirewallChannel> GetAsync(ProcessInfo? process, AddressFamily? family = null)
    {
        ChannelUnavailableException? last = null;
        foreach (var firewall in family is { } wanted ? firewalls.By(wanted) : firewalls.Candidates)
        {
            try
            {
                if (family is not null && !await IsUsableAsync(firewall, process))
                    continue;
                var channel = await GetAsync(process, firewall);
                if (family is null || firewall.CarriesFlows)
                    return channel;
            }
            catch (ChannelUnavailableException unavailable) when (unavailable.IsUnreachable && !_stopping.IsCancellationRequested)
            {
                last = unavailable;
            }
        }

        // Nobody waits, but whoever comes next may find it.
        firewalls.Wanted();
        if (family is { } of && firewalls.ComplaintBy(of) is null)
            throw ChannelUnavailableException.NotThere(of);
        var complaint = family is { } by ? firewalls.ComplaintBy(by) : firewalls.Complaint;
        throw last ?? ChannelUnavailableException.Away(complaint is { Length: > 0 } ? complaint : "the firewall was away a moment ago");
    }

    /// <summary>
    /// Makes a request for a program that waits, and once more, at whatever firewall is there then, where the first went away before it answered or had ended the session: what it
    /// may have done of the request ended with that. The request gets its id here; with the reply it is the caller's.
    /// </summary>
    /// <param name="asked">Called when the request is on its way, each time that it is made.</param>
    /// <exception cref="ChannelUnavailableException">There is no firewall, and why.</exception>
    public async Task<(FirewallChannel Channel, RwsMessage Reply)> RequestAsync(
        ProcessInfo? process, Func<FirewallChannel, RwsMessage> request, AddressFamily? family = null, Action<FirewallChannel, ObjectId>? asked = null)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            var channel = await GetAsync(process, family);
            try
            {
                var id = channel.Rws.Ids.Next();
                var replying = channel.RequestAsync(request(channel) with { Id = id });
                asked?.Invoke(channel, id);
                var reply = await replying;
                if (!isFirst || !channel.Rws.HasEnded || reply is not ErrorReply { Error: WinsockError.WSAENETDOWN })
                    return (channel, reply);
            }
            catch (ChannelUnavailableException unavailable) when (isFirst && unavailable.IsUnreachable)
            {
                // Where there is no other, it is said at once.
            }
        }
    }

    /// <summary>One firewall at least is not known to be away.</summary>
    public bool IsReachable => firewalls.Candidates.Any();

    /// <summary>Until <see cref="IsReachable"/>; false where the service stops before.</summary>
    public async Task<bool> WhenReachableAsync()
    {
        try
        {
            await firewalls.WhenReachableAsync(_stopping.Token);
            return !_stopping.IsCancellationRequested;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Closes channels that nobody needs, and those whose user has logged off; now and then.</summary>
    public void CloseIdle()
    {
        foreach (var (key, entry) in _entries)
        {
            if (entry.Open is not { } open)
                continue;
            var isIdle = open.Rws.Ids.InUse == 0 && time.GetElapsedTime(entry.LastUsed) >= FirewallLimits.Idle;
            var isLoggedOff = entry.Identity is { IsLoggedOn: false };
            if ((!isIdle && !isLoggedOff) || !_entries.TryRemove(new(key, entry)))
                continue;
            if (isLoggedOff)
                FirewallLog.LoggedOff(logger, key.User, key.Application);
            _ = CloseAsync(open);
        }
    }

    /// <summary>Closes all channels, those too that are being opened now; later no channel is to be had.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        // All at once: a firewall that does not read lets each of them wait for a while.
        await Task.WhenAll(_entries.Values.Select(CloseAsync));
        _entries.Clear();
    }

    private static async Task CloseAsync(Entry entry)
    {
        try
        {
            await CloseAsync(await entry.GetAsync());
        }
        catch (ChannelUnavailableException)
        {
            // It never opened.
        }
    }

    private static ChannelUnavailableException Stopping() =>
        new(new SessionEnd(SessionEndKind.ClosedHere, "fwredirect is stopping"), unreachable: true);

    private static async Task CloseAsync(FirewallChannel channel) => await channel.Rws.DisposeAsync();

    /// <summary>False where it does not have this version, or is known to be away by it. Where it was never asked whether it has, it is, by a channel of the other one.</summary>
    private async Task<bool> IsUsableAsync(KnownFirewall firewall, ProcessInfo? process)
    {
        if (!firewall.Exists && !firewall.Addresses.IsTold(firewall.Family) && firewalls.Other(firewall) is { Exists: true } other && other.State != ReachState.Unreachable)
            await GetAsync(process, other);
        return firewall is { Exists: true, CarriesFlows: true } && firewall.State != ReachState.Unreachable;
    }

    private async Task<FirewallChannel> GetAsync(ProcessInfo? process, KnownFirewall firewall)
    {
        var identity = IdentityOf(process);
        var application = process is { Name.Length: > 0 } ? process.Name : ProcessInfo.UnknownName;
        var key = new ChannelKey(process?.User ?? "", application, identity?.LogonKey ?? "", firewall);
        while (true)
        {
            if (_stopping.IsCancellationRequested)
                throw Stopping();
            var entry = _entries.GetOrAdd(key, k => new Entry(this, k, identity) { KillsOldSession = process is not null && KillsOldSession(process) });
            try
            {
                var channel = await firewall.WhileReachableAsync(entry.GetAsync());
                if (await IsOpenAsync(channel))
                {
                    entry.LastUsed = time.GetTimestamp();
                    return channel;
                }
            }
            catch (ChannelUnavailableException unavailable) when (entry.HasFailed)
            {
                // Whether the firewall is there its health tells; a refusal counts for a moment, so that a burst of connects makes one attempt.
                if (unavailable.IsUnreachable || time.GetElapsedTime(entry.Failed) >= FirewallLimits.Pause)
                    _entries.TryRemove(new(key, entry));
                if (unavailable.IsUnreachable || time.GetElapsedTime(entry.Failed) < FirewallLimits.Pause)
                    throw;
            }

            _entries.TryRemove(new(key, entry));
        }
    }

    /// <summary>False where it is over. One that has lost its connection is waited for, as long as a new one would take; its firewall is away if it does not come back.</summary>
    private async Task<bool> IsOpenAsync(FirewallChannel channel)
    {
        if (channel.Rws.IsOpen || channel.Rws.HasEnded)
            return channel.Rws.IsOpen;
        var asked = time.Milliseconds();
        try
        {
            await channel.Firewall.WhileReachableAsync(channel.Rws.Settled.WaitAsync(FirewallLimits.Dial, time));
        }
        catch (TimeoutException)
        {
            channel.Firewall.Silent(asked);
            throw ChannelUnavailableException.Away(channel.Firewall.Complaint);
        }

        return channel.Rws.IsOpen;
    }

    /// <summary>As whom a program's channel logs on with credentials of the own; null where the configured ones, or those of this process, are taken.</summary>
    private IProcessIdentity? IdentityOf(ProcessInfo? process) =>
        process?.Identity is { IsPerson: true } identity
        && (options.Credential is null || (options.CredentialUse == CredentialUse.Services && !ForcesCredentials(process))) ? identity : null;

    /// <summary>Whom a channel logs on as, for the log.</summary>
    private string AccountOf(Entry entry) => (entry.Identity, options.Credential) switch
    {
        ({ }, _) => entry.Key.User,
        (null, { Domain: "" } credential) => credential.UserName,
        (null, { } credential) => $"{credential.Domain}\\{credential.UserName}",
        _ => "the process's own account",
    };

    private async Task<FirewallChannel> OpenAsync(Entry entry)
    {
        var (user, application, firewall) = (entry.Key.User, entry.Key.Application, entry.Key.Firewall);
        try
        {
            firewalls.Refresh(firewall);
            var channel = await DialAsync(entry);
            entry.LastUsed = time.GetTimestamp();
            entry.Open = channel;
            firewall.Opened();
            firewalls.Tell(firewall, channel.Rws.Setup);
            Interlocked.Increment(ref _everOpened);
            _problem = null;
            FirewallLog.Opened(logger, application, user, channel.Rws.Setup.Firewall, channel.Rws.User);
            Opened?.Invoke(channel);
            return channel;
        }
        catch (ChannelUnavailableException unavailable)
        {
            entry.Failed = time.GetTimestamp();
            entry.HasFailed = true;
            Interlocked.Increment(ref _everFailed);
            _problem = unavailable.Message;
            FirewallLog.Unavailable(logger, application, user, firewall, AccountOf(entry), unavailable.Message);
            throw;
        }
    }

    private async Task<FirewallChannel> DialAsync(Entry entry)
    {
        var firewall = entry.Key.Firewall;
        Socket socket;
        try
        {
            socket = await firewall.DialAsync(_stopping.Token);
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            throw _stopping.IsCancellationRequested ? Stopping() : ChannelUnavailableException.Away($"the firewall {firewall.Name} can not be reached: {failure.Message}");
        }

        var (local, remote) = ((IPEndPoint)socket.LocalEndPoint!, (IPEndPoint)socket.RemoteEndPoint!);
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var channelOptions = new ClientChannelOptions
        {
            Application = entry.Key.Application,
            Client = ThisComputer.Describe(entry.Key.User),
            Credential = entry.Identity is null ? options.Credential : null,
            Impersonation = entry.Identity,
            TargetName = options.ServicePrincipalName ?? firewall.Name.DefaultPrincipal,
            KeepAlive = options.KeepAlive,
            Run = _run,
            KillOldSession = entry.KillsOldSession,
            Reconnect = stop => firewall.RedialAsync(remote, stop),
            Suspect = () => firewalls.Suspect(firewall),
            Heard = () =>
            {
                heard.TrySetResult();
                firewall.Heard();
            },
            Resumed = () => Interlocked.Increment(ref _everResumed),
        };
        using var openLimit = new CancellationTokenSource(FirewallLimits.Open, time);
        using var open = CancellationTokenSource.CreateLinkedTokenSource(openLimit.Token, _stopping.Token);
        try
        {
            var stream = new NetworkStream(socket, ownsSocket: true);
            var opening = RwsClientChannel.OpenAsync(stream, channelOptions, handler, time, logger, open.Token);
            await firewall.ExpectWordAsync(Task.WhenAny(heard.Task, opening));
            return new FirewallChannel(await opening, local.Address, firewall);
        }
        catch (ChannelException refused)
        {
            var isAway = refused.End.Kind is SessionEndKind.ConnectionLost or SessionEndKind.Silent;
            if (isAway)
                firewall.Failed(refused.Message);
            throw new ChannelUnavailableException(refused.End, isAway);
        }
        catch (OperationCanceledException)
        {
            if (_stopping.IsCancellationRequested)
                throw Stopping();
            firewall.Failed($"{firewall.Name} did not open a channel within {FirewallLimits.Open.TotalSeconds} s");
            throw ChannelUnavailableException.Away(firewall.Complaint);
        }
    }

    /// <param name="Logon">Of the user whose own credentials are used; empty where they are not.</param>
    private readonly record struct ChannelKey(string User, string Application, string Logon, KnownFirewall Firewall);

    private sealed class Entry(FirewallChannels channels, ChannelKey key, IProcessIdentity? identity)
    {
        private readonly Lock _gate = new();
        private Task<FirewallChannel>? _channel;

        public ChannelKey Key { get; } = key;

        public bool KillsOldSession { get; init; }

        /// <summary>Over, perhaps, once the channel is open: then it says only whether its user is still logged on.</summary>
        public IProcessIdentity? Identity { get; } = identity;

        /// <summary>Null while it was never open.</summary>
        public FirewallChannel? Open { get; set; }

        public long LastUsed { get; set; }

        public long Failed { get; set; }

        public bool HasFailed { get; set; }

        public Task<FirewallChannel> GetAsync()
        {
            lock (_gate)
                return _channel ??= channels.OpenAsync(this);
        }
    }
}
