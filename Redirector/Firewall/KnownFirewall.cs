using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Status;
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
    private long _since = time.Milliseconds();
    private int _at;
    private Task? _probe;
    private Task? _urgentProbe;
    private int _everReached;
    private long _heard = long.MinValue;
    private bool _isSilent;
    private TaskCompletionSource _lost = NewSignal();
    private TaskCompletionSource _found = NewSignal();
    private readonly RefusingEndpoints _refusing = new();

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

    /// <summary>For who asks how the service is.</summary>
    public FirewallReach Reach
    {
        get
        {
            lock (_lock)
            {
                return new FirewallReach
                {
                    Name = $"{Name}",
                    Version = family.Version(),
                    Addresses = [.. Endpoints.Select(endpoint => endpoint.ToString())],
                    State = Exists ? _health.State.ToString() : "None",
                    SinceSeconds = (Now - _since) / 1000,
                    CarriesFlows = CarriesFlows,
                    Reason = Exists && _health.State == ReachState.Unreachable ? Complaint : null,
                };
            }
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
            Connected();
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
            var first = await Task.WhenAny(WhenReachableAsync(either.Token), _refusing.WhenRefusedAsync(endpoint, either.Token));
            await either.CancelAsync();
            await first;
        }

        try
        {
            var socket = await ConnectAsync(endpoint, stop);
            Connected();
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

    /// <summary>It has said what only a firewall says that lives: the answer to a set-up request, or to a keep-alive.</summary>
    public void Heard()
    {
        lock (_lock)
        {
            _heard = Now;
            if (!_isSilent)
                return;
        }

        Note(health => health.Reached(Now), "");
    }

    /// <summary>
    /// A connection stands: its first word, <paramref name="heard"/>, has to come soon. Whoever opens the channel goes on waiting: a firewall that is only slow is there
    /// again with its word.
    /// </summary>
    public async Task ExpectWordAsync(Task heard)
    {
        var began = Now;
        try
        {
            await heard.WaitAsync(FirewallLimits.FirstWord, time);
        }
        catch (TimeoutException)
        {
            Silent(began);
        }
    }

    /// <summary>It takes connections and answers nothing: its system does that for a process that hangs. Nothing where it was heard of on another channel meanwhile.</summary>
    /// <param name="since">When it was asked.</param>
    public void Silent(long since)
    {
        lock (_lock)
        {
            if (_heard >= since)
                return;
            _isSilent = true;
        }

        Failed($"{this} takes connections and answers nothing");
    }

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

    /// <summary>Looks for it at once, whatever is known: the network has changed.</summary>
    public void Probe(bool networkChanged)
    {
        lock (_lock)
        {
            if (networkChanged)
                _health.Forget(Now);
            Begin();
        }
    }

    /// <summary>A request has had no answer, and a program waits for it: a look that is over in time for that, whatever other look is under way.</summary>
    public void Suspect()
    {
        lock (_lock)
        {
            if (_urgentProbe is not { IsCompleted: false })
                _urgentProbe = Task.Run(() => ProbeAsync(FirewallLimits.FirstWord));
        }
    }

    private void Begin()
    {
        if (Exists && _probe is not { IsCompleted: false })
            _probe = Task.Run(() => ProbeAsync(FirewallLimits.PatientWord));
    }

    /// <param name="patience">With its first word, on a connection that stands.</param>
    private async Task ProbeAsync(TimeSpan patience)
    {
        int reached;
        lock (_lock)
            reached = _everReached;
        var asked = Now;
        try
        {
            // Its name is looked up anew each time: it may have moved.
            if (State == ReachState.Unreachable || Endpoints.Count == 0)
                await addresses.ResolveAsync(CancellationToken.None);
            asked = Now;
            var started = time.GetTimestamp();
            var endpoint = Current();
            using var socket = await ConnectAsync(endpoint, CancellationToken.None);
            // One lost SYN is forgiven, at the cost of the time for the word.
            var rest = patience + FirewallLimits.Dial - FirewallLimits.FirstWord - time.GetElapsedTime(started);
            using var limit = new CancellationTokenSource(TimeSpan.FromTicks(Math.Clamp(rest.Ticks, 0, patience.Ticks)), time);
            await using var stream = new NetworkStream(socket);
            if (await LifeProbe.AskAsync(stream, ThisComputer.Service.Name, ThisComputer.Describe(ThisComputer.Service.User), limit.Token))
                Note(health => health.Reached(Now), "");
            else
                FailedUnless(reached, $"what listens at {endpoint} is no firewall, or just ends");
        }
        catch (OperationCanceledException)
        {
            Silent(asked);
        }
        catch (SocketException failure)
        {
            FailedUnless(reached, failure.Message);
        }
    }

    /// <summary>What a look has found counts no longer where another has reached it since: this one is late.</summary>
    private void FailedUnless(int reached, string complaint)
    {
        lock (_lock)
        {
            if (_everReached != reached)
                return;
        }

        Failed(complaint);
    }

    /// <summary>That says nothing of one that takes connections and is silent.</summary>
    private void Connected()
    {
        lock (_lock)
        {
            if (_isSilent)
                return;
        }

        Note(health => health.Reached(Now), "");
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
            _refusing.Note(endpoint, isRefused: false);
            return socket;
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionRefused)
        {
            socket.Dispose();
            _refusing.Note(endpoint, isRefused: true);
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
            else
                (_isSilent, _everReached) = (false, _everReached + 1);
            if (_health.State == before)
                return;
            _since = Now;
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
    public override string ToString() => family == addresses.Preferred ? $"{Name}" : $"{Name} ({family.Version()})";

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
