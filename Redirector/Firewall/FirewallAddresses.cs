using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.Redirector.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Firewall;

/// <summary>
/// Where a firewall of the configuration is, in each IP version: at the address that the administrator wrote, at those of its name, and at the one of the other version that it tells
/// its clients of itself. Thread-safe.
/// </summary>
internal sealed class FirewallAddresses(FirewallName name, TimeProvider time, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly IPAddress? _written = IPAddress.TryParse(name.Host, out var address) ? address : null;
    private readonly Version _four = new();
    private readonly Version _six = new();

    public FirewallName Name => name;

    /// <summary>That of the written address; a name is looked for by IPv4 first.</summary>
    public AddressFamily Preferred => _written?.AddressFamily ?? AddressFamily.InterNetwork;

    /// <summary>They are others now; called before any of them is dialled.</summary>
    public Action? Changed { get; init; }

    /// <summary>None: it has none there, or that is not known yet.</summary>
    public IReadOnlyList<IPEndPoint> Of(AddressFamily family)
    {
        lock (_lock)
            return EndpointsOf(family);
    }

    /// <summary>It has addresses there, or its name could not be looked up yet.</summary>
    public bool MayBeAt(AddressFamily family)
    {
        lock (_lock)
        {
            if (EndpointsOf(family).Length > 0)
                return true;
            var isNowhere = _four.Found.Length + _six.Found.Length == 0;
            return _written is null && IsPossible(family) && Of(family, _four, _six) is { IsTold: false } version && (isNowhere || !version.IsLookedUp);
        }
    }

    /// <summary>It has said where it takes channels of this version, or that it does not.</summary>
    public bool IsTold(AddressFamily family)
    {
        lock (_lock)
            return Of(family, _four, _six).IsTold;
    }

    /// <summary>
    /// What the firewall says of itself. The administrator's word and that of his name server are over it, but for one thing: where it says that it has no such road, there is none, whatever
    /// its name stands for.
    /// </summary>
    /// <param name="family">The version that it speaks of.</param>
    /// <param name="other">Null: it takes no channels there.</param>
    /// <returns>True where its addresses are others now.</returns>
    public bool Tell(AddressFamily family, IPAddress? other)
    {
        if (other is not null && !IsUsable(other, family))
        {
            FirewallLog.UselessAddress(logger, name, other);
            other = null;
        }

        return Change(family, version => (version.IsTold, version.Told) = (true, other is null ? null : new IPEndPoint(other, name.Port)));
    }

    /// <summary>Looks its name up: it may have moved. What was known stays where there is no answer.</summary>
    public async Task ResolveAsync(CancellationToken stop)
    {
        if (_written is null)
            await Task.WhenAll(ResolveAsync(AddressFamily.InterNetwork, stop), ResolveAsync(AddressFamily.InterNetworkV6, stop));
    }

    /// <summary>Each version by itself: a name server that leaves one question unanswered must not cost the other.</summary>
    private async Task ResolveAsync(AddressFamily family, CancellationToken stop)
    {
        if (!IsPossible(family))
            return;
        IPEndPoint[] found;
        try
        {
            using var limit = new CancellationTokenSource(FirewallLimits.Dial, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
            var addresses = await Dns.GetHostAddressesAsync(name.Host, family, either.Token).WaitAsync(either.Token);
            found = [.. addresses.Where(a => IsUsable(a, family) || IPAddress.IsLoopback(a)).Select(a => new IPEndPoint(a, name.Port))];
        }
        catch (SocketException failure) when (failure.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
        {
            // What it was before may still be right. But a name that never had such an address is not waited for.
            Change(family, version => version.IsLookedUp = true);
            return;
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            return;
        }

        Change(family, version => (version.IsLookedUp, version.Found) = (true, found.Length > 0 ? found : version.Found));
    }

    private bool Change(AddressFamily family, Action<Version> change)
    {
        IPEndPoint[] before, after;
        lock (_lock)
        {
            before = EndpointsOf(family);
            change(Of(family, _four, _six));
            after = EndpointsOf(family);
        }

        if (after.SequenceEqual(before))
            return false;
        FirewallLog.Resolved(logger, name, after.Length == 0 ? "no address" : string.Join(", ", after.Select(e => e.Address)), family.Version());
        Changed?.Invoke();
        return true;
    }

    private IPEndPoint[] EndpointsOf(AddressFamily family)
    {
        if (_written?.AddressFamily == family)
            return [new IPEndPoint(_written, name.Port)];
        var version = Of(family, _four, _six);
        if (version is { IsTold: true, Told: null })
            return [];
        return version.Found.Length > 0 ? version.Found : version.Told is { } told ? [told] : [];
    }

    /// <summary>A peer's word must not send us to ourselves or to a link; fwhost on this machine is the exception.</summary>
    private bool IsUsable(IPAddress other, AddressFamily family) =>
        other.AddressFamily == family && !other.IsIPv4MappedToIPv6 && !other.IsIPv6LinkLocal && !other.IsIPv6Multicast && !IPAddress.Any.Equals(other) && !IPAddress.IPv6Any.Equals(other)
        && (family == AddressFamily.InterNetworkV6 || other.GetAddressBytes() is [not 0 and not 169 and < 224, ..] or [169, not 254, ..])
        && (!IPAddress.IsLoopback(other) || (_written is not null && IPAddress.IsLoopback(_written)));

    private static bool IsPossible(AddressFamily family) => family == AddressFamily.InterNetwork || Socket.OSSupportsIPv6;

    private static T Of<T>(AddressFamily family, T four, T six) => family == AddressFamily.InterNetwork ? four : six;

    /// <summary>What is known for one IP version.</summary>
    private sealed class Version
    {
        /// <summary>By the name; the last that there were.</summary>
        public IPEndPoint[] Found { get; set; } = [];

        public bool IsLookedUp { get; set; }

        public bool IsTold { get; set; }

        public IPEndPoint? Told { get; set; }
    }
}
