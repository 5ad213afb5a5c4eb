using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Status;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Processes;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Firewall;

/// <summary>
/// The control channels of this machine: one per user and application, opened on first need, shared by all processes of that program, closed when idle and when
/// the user logs off. Who has credentials of the own logs on with them; see README.md for whom the configured ones are.
/// </summary>
internal sealed class FirewallChannels(
    RedirectorOptions options, IPEndPoint firewall, IClientChannelHandler handler, TimeProvider time, ILogger<FirewallChannels> logger) : IAsyncDisposable, ICounted
{
    private readonly ConcurrentDictionary<ChannelKey, Entry> _entries = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly uint _run = (uint)Random.Shared.NextInt64(1, uint.MaxValue);
    private long _everOpened;
    private long _everFailed;
    private volatile string? _problem;

    /// <summary>Why the last channel could not be opened; null where it could, or none was tried.</summary>
    public string? Problem => _problem;

    public void Count(StatusCounters counters)
    {
        var open = _entries.Values.Select(entry => entry.Open).OfType<FirewallChannel>().Where(channel => channel.Rws.IsOpen).ToArray();
        counters.Add("channels", "open", open.Length);
        counters.Add("channels", "objects", open.Sum(channel => channel.Rws.Ids.InUse));
        counters.Add("channels", "everOpened", Interlocked.Read(ref _everOpened));
        counters.Add("channels", "everFailed", Interlocked.Read(ref _everFailed));
    }

    /// <summary>ForceCredentials: for these the configured credentials are taken, whoever runs them.</summary>
    public Func<ProcessInfo, bool> ForcesCredentials { get; init; } = _ => false;

    /// <summary>The open channel for <paramref name="process"/>; the first caller opens it, the others wait for the same.</summary>
    /// <exception cref="ChannelUnavailableException">There is none, and why.</exception>
    public async Task<FirewallChannel> GetAsync(ProcessInfo? process)
    {
        var identity = IdentityOf(process);
        var application = process is { Name.Length: > 0 } ? process.Name : ProcessInfo.UnknownName;
        var key = new ChannelKey(process?.User ?? "", application, identity?.LogonKey ?? "");
        while (true)
        {
            if (_stopping.IsCancellationRequested)
                throw Stopping();
            var entry = _entries.GetOrAdd(key, k => new Entry(this, k.User, k.Application, identity));
            try
            {
                var channel = await entry.GetAsync();
                if (channel.Rws.IsOpen)
                {
                    entry.LastUsed = time.GetTimestamp();
                    return channel;
                }
            }
            catch (ChannelUnavailableException) when (time.GetElapsedTime(entry.Failed) >= FirewallLimits.Pause)
            {
                // The failure is old: forget it and try again.
            }

            _entries.TryRemove(new(key, entry));
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

    /// <summary>As whom a program's channel logs on with credentials of the own; null where the configured ones, or those of this process, are taken.</summary>
    private IProcessIdentity? IdentityOf(ProcessInfo? process) =>
        process?.Identity is { IsPerson: true } identity
        && (options.Credential is null || (options.CredentialUse == CredentialUse.Services && !ForcesCredentials(process))) ? identity : null;

    /// <summary>Whom a channel logs on as, for the log.</summary>
    private string AccountOf(Entry entry) => (entry.Identity, options.Credential) switch
    {
        ({ }, _) => entry.User,
        (null, { Domain: "" } credential) => credential.UserName,
        (null, { } credential) => $"{credential.Domain}\\{credential.UserName}",
        _ => "the process's own account",
    };

    private async Task<FirewallChannel> OpenAsync(Entry entry)
    {
        var (user, application) = (entry.User, entry.Application);
        try
        {
            var channel = await DialAsync(user, application, entry.Identity);
            entry.LastUsed = time.GetTimestamp();
            entry.Open = channel;
            Interlocked.Increment(ref _everOpened);
            _problem = null;
            FirewallLog.Opened(logger, application, user, channel.Rws.Setup.Firewall, channel.Rws.User);
            return channel;
        }
        catch (ChannelUnavailableException unavailable)
        {
            entry.Failed = time.GetTimestamp();
            Interlocked.Increment(ref _everFailed);
            _problem = unavailable.Message;
            FirewallLog.Unavailable(logger, application, user, firewall, AccountOf(entry), unavailable.Message);
            throw;
        }
    }

    private async Task<FirewallChannel> DialAsync(string user, string application, IProcessIdentity? identity)
    {
        Socket socket;
        try
        {
            socket = await ConnectAsync(_stopping.Token);
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            if (_stopping.IsCancellationRequested)
                throw Stopping();
            throw new ChannelUnavailableException(new SessionEnd(SessionEndKind.ConnectionLost, $"the firewall {firewall} can not be reached: {failure.Message}"), unreachable: true);
        }

        var local = ((IPEndPoint)socket.LocalEndPoint!).Address;
        var channelOptions = new ClientChannelOptions
        {
            Application = application,
            Client = ThisComputer.Describe(user),
            Credential = identity is null ? options.Credential : null,
            Impersonation = identity,
            TargetName = options.ServicePrincipalName,
            Run = _run,
            Reconnect = async stop => new NetworkStream(await ConnectAsync(stop), ownsSocket: true),
        };
        using var openLimit = new CancellationTokenSource(FirewallLimits.Open, time);
        using var open = CancellationTokenSource.CreateLinkedTokenSource(openLimit.Token, _stopping.Token);
        try
        {
            var stream = new NetworkStream(socket, ownsSocket: true);
            return new FirewallChannel(await RwsClientChannel.OpenAsync(stream, channelOptions, handler, time, logger, open.Token), local);
        }
        catch (ChannelException refused)
        {
            throw new ChannelUnavailableException(refused.End, refused.End.Kind is SessionEndKind.ConnectionLost or SessionEndKind.Silent);
        }
        catch (OperationCanceledException)
        {
            if (_stopping.IsCancellationRequested)
                throw Stopping();
            throw new ChannelUnavailableException(
                new SessionEnd(SessionEndKind.Silent, $"the firewall {firewall} did not open a channel within {FirewallLimits.Open.TotalSeconds} s"), unreachable: true);
        }
    }

    private async Task<Socket> ConnectAsync(CancellationToken stop)
    {
        var socket = new Socket(firewall.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var limit = new CancellationTokenSource(FirewallLimits.Dial, time);
            using var dial = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
            await socket.ConnectAsync(firewall, dial.Token);
            return socket;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut, $"no answer within {FirewallLimits.Dial.TotalSeconds} s");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <param name="Logon">Of the user whose own credentials are used; empty where they are not.</param>
    private readonly record struct ChannelKey(string User, string Application, string Logon);

    private sealed class Entry(FirewallChannels channels, string user, string application, IProcessIdentity? identity)
    {
        private readonly Lock _gate = new();
        private Task<FirewallChannel>? _channel;

        public string User { get; } = user;

        public string Application { get; } = application;

        /// <summary>Over, perhaps, once the channel is open: then it says only whether its user is still logged on.</summary>
        public IProcessIdentity? Identity { get; } = identity;

        /// <summary>Null while it was never open.</summary>
        public FirewallChannel? Open { get; set; }

        public long LastUsed { get; set; }

        public long Failed { get; set; }

        public Task<FirewallChannel> GetAsync()
        {
            lock (_gate)
                return _channel ??= channels.OpenAsync(this);
        }
    }
}
