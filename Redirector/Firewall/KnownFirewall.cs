using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Session;
using FwRedirect.Redirector.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Firewall;

/// <summary>
/// One firewall of the configuration by one IP version: whether it is there, and how it is dialled. Each version has a health of its own, so that a broken road of the one does not
/// take the other down. Thread-safe.
/// </summary>
internal sealed class KnownFirewall(FirewallAddresses addresses, AddressFamily family, TimeProvider time, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly FirewallHealth _health = new();
    private int _at;
    private Task? _probe;
    private TaskCompletionSource _lost = NewSignal();
    private TaskCompletionSource _found = NewSignal();
    private readonly HashSet<IPEndPoint> _refusing = [];
    private TaskCompletionSource _refused = NewSignal();

    public FirewallName Name => addresses.Name;

    /// <summary>The IP version of its channels, and of their flows.</summary>
    public AddressFamily Family => family;

    public FirewallAddresses Addresses => addresses;

    /// <summary>All its addresses of this version; none while they are not known.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints => addresses.Of(family);

    /// <summary>False: it takes no channels of this version, as far as is known.</summary>
    public bool Exists => addresses.MayBeAt(family);

    /// <summary>False: its channels of this version are good for names and settings, since it can not connect outside in it. As the last of them has told.</summary>
    public bool CarriesFlows { get; set; } = true;

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

    private long Now => time.Milliseconds();

    /// <summary>A connection to its control port, in the time that a dial may take.</summary>
    /// <exception cref="SocketException">There is none, and it is known to be unreachable from here on.</exception>
    public async Task<Socket> DialAsync(CancellationToken stop)
    {
        if (Endpoints.Count == 0)
            await addresses.ResolveAsync(stop);
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
        if (Exists && _probe is not { IsCompleted: false })
            _probe = Task.Run(ProbeAsync);
    }

    private async Task ProbeAsync()
    {
        try
        {
            // Its name is looked up anew each time: it may have moved.
            if (State == ReachState.Unreachable || Endpoints.Count == 0)
                await addresses.ResolveAsync(CancellationToken.None);
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
        var endpoints = Endpoints;
        lock (_lock)
            return endpoints.Count > 0 ? endpoints[_at % endpoints.Count] : throw new SocketException((int)SocketError.HostNotFound, $"{Name.Host} can not be found");
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
                FirewallLog.Unreachable(logger, this, complaint);
            else
                FirewallLog.Reachable(logger, this);
        }

        told.TrySetResult();
    }

    /// <summary>For the log: most firewalls are spoken of by their name, and the road of IPv6 is told apart.</summary>
    public override string ToString() => family == addresses.Preferred ? $"{Name}" : $"{Name} ({(family == AddressFamily.InterNetwork ? "IPv4" : "IPv6")})";

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
