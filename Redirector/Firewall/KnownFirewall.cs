using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Session;
using FwRedirect.Redirector.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Firewall;

/// <summary>One firewall of the configuration: where it is, whether it is there, and how it is dialled. Thread-safe.</summary>
internal sealed class KnownFirewall(FirewallName name, TimeProvider time, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly FirewallHealth _health = new();
    private IPEndPoint[] _endpoints = IPAddress.TryParse(name.Host, out var address) ? [new IPEndPoint(address, name.Port)] : [];
    private int _at;
    private Task? _probe;
    private TaskCompletionSource _lost = NewSignal();
    private TaskCompletionSource _found = NewSignal();
    private readonly HashSet<IPEndPoint> _refusing = [];
    private TaskCompletionSource _refused = NewSignal();

    public FirewallName Name => name;

    /// <summary>All addresses of its name; none while that could not be resolved.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints
    {
        get
        {
            lock (_lock)
                return _endpoints;
        }
    }

    public ReachState State
    {
        get
        {
            lock (_lock)
                return _health.State;
        }
    }

    /// <summary>Completes when it is known to be unreachable; completed while it is.</summary>
    public Task Lost
    {
        get
        {
            lock (_lock)
                return _lost.Task;
        }
    }

    /// <summary>Why it is unreachable, for people.</summary>
    public string Complaint { get; private set; } = "";

    /// <summary>Its addresses may be others now; called before any of them is dialled.</summary>
    public Action? Resolved { get; init; }

    private long Now => time.Milliseconds();

    /// <summary>A connection to its control port, in the time that a dial may take.</summary>
    /// <exception cref="SocketException">There is none, and it is known to be unreachable from here on.</exception>
    public async Task<Socket> DialAsync(CancellationToken stop)
    {
        if (Endpoints.Count == 0)
            await ResolveAsync(stop);
        try
        {
            var socket = await ConnectAsync(Current(), stop);
            Note(health => health.Reached(Now), "");
            return socket;
        }
        catch (SocketException failure)
        {
            Failed(failure.Message);
            throw;
        }
    }

    /// <summary>
    /// The same, for a session that is to go on where it was: it waits until the firewall can be reached, or is known to have ended, by whoever tried: of many lost sessions one is
    /// refused, and the others need not find out for themselves.
    /// </summary>
    /// <exception cref="SocketException">There is none; <see cref="SocketError.ConnectionRefused"/>: nobody listens there any more.</exception>
    public async Task<Stream> RedialAsync(IPEndPoint endpoint, CancellationToken stop)
    {
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(stop))
        {
            var first = await Task.WhenAny(WhenReachableAsync(either.Token), WhenRefusedAsync(endpoint, either.Token));
            await either.CancelAsync();
            await first;
        }

        try
        {
            var socket = await ConnectAsync(endpoint, stop);
            Note(health => health.Reached(Now), "");
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException failure)
        {
            Failed(failure.Message);
            throw;
        }
    }

    /// <summary>What <paramref name="work"/> gives, as long as the firewall is not known to be away.</summary>
    /// <exception cref="ChannelUnavailableException">It is, and the work goes on without us.</exception>
    public async Task<T> WhileReachableAsync<T>(Task<T> work)
    {
        await WhileReachableAsync((Task)work);
        return await work;
    }

    /// <summary>Until <paramref name="work"/> is done, as long as the firewall is not known to be away.</summary>
    public async Task WhileReachableAsync(Task work)
    {
        if (await Task.WhenAny(work, Lost) != work && !work.IsCompleted)
            throw ChannelUnavailableException.Away(Complaint);
        await work;
    }

    /// <summary>Until it is not known to be away.</summary>
    public Task WhenReachableAsync(CancellationToken stop)
    {
        lock (_lock)
            return _health.State == ReachState.Unreachable ? _found.Task.WaitAsync(stop) : Task.CompletedTask;
    }

    /// <summary>A channel is open.</summary>
    public void Opened() => Note(health => health.Opened(Now), "");

    /// <summary>It took a connection, and opened no channel on it.</summary>
    public void Failed(string complaint) => Note(health => health.Failed(Now, Random.Shared.NextDouble()), complaint);

    /// <summary>Looks for it in the background, if it is away and it is time.</summary>
    public void ProbeIfDue()
    {
        lock (_lock)
        {
            if (_health.IsProbeDue(Now))
                Begin();
        }
    }

    /// <summary>Looks for it, if nothing was heard of it for a while: so it is known by the time that it may be needed.</summary>
    public void Refresh()
    {
        lock (_lock)
        {
            if (_health.IsOld(Now))
                Begin();
        }
    }

    /// <summary>Somebody needs it.</summary>
    public void ProbeIfWorthIt()
    {
        lock (_lock)
        {
            if (_health.IsProbeWorthIt(Now))
                Begin();
        }
    }

    /// <summary>Looks for it at once, whatever is known: the network has changed, or a request has had no answer.</summary>
    public void Probe(bool networkChanged)
    {
        lock (_lock)
        {
            if (networkChanged)
                _health.Forget(Now);
            Begin();
        }
    }

    /// <summary>Until nobody listens at <paramref name="endpoint"/>, which is the exception that it throws.</summary>
    private async Task WhenRefusedAsync(IPEndPoint endpoint, CancellationToken stop)
    {
        while (true)
        {
            Task refused;
            lock (_lock)
            {
                if (_refusing.Contains(endpoint))
                    throw new SocketException((int)SocketError.ConnectionRefused);
                refused = _refused.Task;
            }

            await refused.WaitAsync(stop);
        }
    }

    private void Listens(IPEndPoint endpoint, bool isRefused)
    {
        TaskCompletionSource told;
        lock (_lock)
        {
            if (isRefused ? !_refusing.Add(endpoint) : !_refusing.Remove(endpoint))
                return;
            (told, _refused) = (_refused, NewSignal());
        }

        told.TrySetResult();
    }

    private void Begin()
    {
        if (_probe is not { IsCompleted: false })
            _probe = Task.Run(ProbeAsync);
    }

    private async Task ProbeAsync()
    {
        try
        {
            if (State == ReachState.Unreachable || Endpoints.Count == 0)
                await ResolveAsync(CancellationToken.None);
            using var socket = await ConnectAsync(Current(), CancellationToken.None);
            Note(health => health.Reached(Now), "");
        }
        catch (SocketException failure)
        {
            Failed(failure.Message);
        }
    }

    private IPEndPoint Current()
    {
        lock (_lock)
            return _endpoints.Length > 0 ? _endpoints[_at % _endpoints.Length] : throw new SocketException((int)SocketError.HostNotFound, $"{name.Host} can not be found");
    }

    /// <summary>Each time that it can not be reached its name is looked up anew: it may have moved.</summary>
    public async Task ResolveAsync(CancellationToken stop)
    {
        if (IPAddress.TryParse(name.Host, out _))
            return;
        IPEndPoint[] endpoints;
        try
        {
            using var limit = new CancellationTokenSource(FirewallLimits.Dial, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
            var addresses = await Dns.GetHostAddressesAsync(name.Host, AddressFamily.InterNetwork, either.Token).WaitAsync(either.Token);
            endpoints = [.. addresses.Select(a => new IPEndPoint(a, name.Port))];
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            // What it was before may still be right.
            return;
        }

        bool changed;
        lock (_lock)
        {
            changed = endpoints.Length > 0 && !endpoints.SequenceEqual(_endpoints);
            if (changed)
                _endpoints = endpoints;
        }

        if (changed)
        {
            FirewallLog.Resolved(logger, name, string.Join(", ", endpoints.Select(e => e.Address)));
            Resolved?.Invoke();
        }
    }

    private async Task<Socket> ConnectAsync(IPEndPoint endpoint, CancellationToken stop)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var limit = new CancellationTokenSource(FirewallLimits.Dial, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
            await socket.ConnectAsync(endpoint, either.Token);
            Listens(endpoint, isRefused: false);
            return socket;
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionRefused)
        {
            socket.Dispose();
            Listens(endpoint, isRefused: true);
            throw;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut, $"no answer from {endpoint} within {FirewallLimits.Dial.TotalSeconds} s");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Note(Action<FirewallHealth> what, string complaint)
    {
        TaskCompletionSource? told = null;
        lock (_lock)
        {
            var before = _health.State;
            what(_health);
            Complaint = complaint;
            if (_health.State == ReachState.Unreachable)
                _at++;
            if (_health.State == before)
                return;
            if (_health.State == ReachState.Unreachable)
                (told, _found) = (_lost, NewSignal());
            else
                (told, _lost) = (_found, NewSignal());
            if (_health.State == ReachState.Unreachable)
                FirewallLog.Unreachable(logger, name, complaint);
            else
                FirewallLog.Reachable(logger, name);
        }

        told.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
