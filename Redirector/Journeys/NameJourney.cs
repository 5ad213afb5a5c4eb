using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Names;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Status;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Names;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Journeys;

/// <summary>
/// A DNS query: local names pass untouched; the others are looked up on the control channel (Get host by name, Get host by address, DNS query), and answered from the server that was
/// asked.
/// </summary>
internal sealed class NameJourney(
    IPacketDiverter diverter, IProcessLookup processes, FirewallChannels channels, FlowRules rules, UnreachablePolicy unreachable,
    TimeProvider time, ILogger<NameJourney> logger) : ICounted
{
    private const ushort DnsPort = 53;

    private readonly NameTable _table = new();
    private readonly SeenNames _seen = new();
    private readonly Lock _gate = new();

    private long Now => time.Milliseconds();

    /// <summary>On the packet path: true where the packet is a query that is answered from here; it goes no further then.</summary>
    public bool TryTake(ReadOnlySpan<byte> packet, in DivertAddress address)
    {
        var view = new PacketView(packet);
        if (view.Protocol != IpProtocol.Udp || view.Destination.Port != DnsPort || address.Direction != PacketDirection.Outbound)
            return false;
        var origin = new NameQueryOrigin(view.Source, view.Destination, address);
        if (!DnsQuery.TryParse(view.PayloadBytes, out var query))
            return TryRefuse(view.PayloadBytes, origin);
        if (rules.WhyLocal(query.Name) is not null)
            return false;

        var asked = new AskedQuery(query, origin, packet.ToArray());
        ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Journey.AnswerAsync(work.Asked), (Journey: this, Asked: asked), preferLocal: false);
        return true;
    }

    /// <summary>About once a second: what has waited too long is answered with "server failure".</summary>
    public void Tick()
    {
        IReadOnlyList<NameReply> late;
        lock (_gate)
            late = _table.Tick(Now);
        Send(late);
    }

    /// <summary>The name by which <paramref name="process"/> got <paramref name="address"/>; null where nobody here looked it up.</summary>
    public string? NameOf(ProcessInfo process, IPAddress address)
    {
        lock (_gate)
            return _seen.Find(Program(process), address, Now);
    }

    public void Count(StatusCounters counters)
    {
        lock (_gate)
        {
            counters.Add("names", "lookups", _table.Lookups);
            counters.Add("names", "cached", _table.Cached);
            counters.Add("names", "seen", _seen.Count);
        }
    }

    private static (string User, string Name) Program(ProcessInfo process) => (process.User, process.Name);

    /// <summary>What can not be read has no name to look up. A server that is local may answer it itself; and what is no query at all is not for us.</summary>
    private bool TryRefuse(ReadOnlySpan<byte> message, in NameQueryOrigin origin)
    {
        if (rules.IsLocalServer(origin.Server) || DnsQuery.AnswerToMalformed(message) is not { } answer)
            return false;
        Send([new NameReply(origin, answer)]);
        return true;
    }

    private async Task AnswerAsync(AskedQuery asked)
    {
        try
        {
            var process = await processes.FindAsync(IpProtocol.Udp, asked.Origin.Client, asked.Origin.Server) ?? ProcessInfo.Unknown;
            if (process.Id == Environment.ProcessId)
            {
                // A logon looks for names of its own (Kerberos asks for its servers): they would wait for the channel, and the channel for them.
                Send([new NameReply(asked.Origin, DnsAnswer.Error(asked.Query, DnsResponseCode.Refused))]);
                return;
            }

            var decision = await rules.DecideNameAsync(process, asked.Query.Name);
            if (decision.Verdict == FlowVerdict.Local)
            {
                SendOn(asked);
                return;
            }

            if (decision.Verdict == FlowVerdict.Block)
            {
                JourneyLog.NameBlocked(logger, process.Name, asked.Query.Name, decision.Why);
                Send([new NameReply(asked.Origin, DnsAnswer.Error(asked.Query, DnsResponseCode.Refused))]);
                return;
            }

            NameAskResult result;
            lock (_gate)
                result = _table.Ask(asked.Query, asked.Origin, Program(process), unreachable.AnswersIPv6, Now);
            if (result.Kind == NameAskKind.AnswerNow)
                Send([new NameReply(asked.Origin, result.Answer!)]);
            else if (result.Kind == NameAskKind.StartLookup)
                await LookUpAsync(asked, result, process);
        }
        catch (Exception failure)
        {
            // The query stays unanswered: the program's resolver asks again.
            JourneyLog.LookUpFailed(logger, asked.Query.Name, failure);
        }
    }

    private async Task LookUpAsync(AskedQuery asked, NameAskResult lookup, ProcessInfo process)
    {
        try
        {
            var (channel, reply) = await channels.RequestAsync(process, _ => Request(asked.Query, lookup.Lookup));
            channel.Rws.Ids.Release(reply.Id);
            JourneyLog.LookedUp(logger, channel.Rws.Application, asked.Query.Name, reply is HostEntry found ? string.Join(", ", found.Addresses) : reply.Describe());
            Finish(asked.Query, lookup.LookupId, process, reply);
        }
        catch (ChannelUnavailableException unavailable)
        {
            var goesDirect = unavailable.IsUnreachable && unreachable.GoesDirect();
            if (goesDirect)
                SendOn(asked);
            // Those that came while we asked are not answered either: their resolver repeats them, and they find the same way.
            Fail(lookup.LookupId, unavailable.IsUnreachable ? NameFailure.Unavailable : NameFailure.Refused, authority: null, answer: !goesDirect);
        }
    }

    private static RwsMessage Request(DnsQuery query, NameLookupKind kind) => kind switch
    {
        NameLookupKind.Host => new GetHostByName(query.Name),
        NameLookupKind.Address => new GetHostByAddress(ReverseName.Address(query.Name)!),
        _ => new DnsQueryRequest(query.ToRelay()),
    };

    /// <summary>The query goes where the program sent it.</summary>
    private void SendOn(AskedQuery asked) => diverter.Send(asked.Packet, new DivertAddress
    {
        Direction = PacketDirection.Outbound,
        InterfaceIndex = asked.Origin.Address.InterfaceIndex,
        SubInterfaceIndex = asked.Origin.Address.SubInterfaceIndex,
        Checksums = asked.Origin.Address.Checksums,
    });

    private void Finish(DnsQuery query, long lookup, ProcessInfo process, RwsMessage reply)
    {
        IReadOnlyList<NameReply> replies;
        switch (reply)
        {
            case HostEntry { Addresses.Count: > 0 } host:
                var ttl = (uint)host.TimeToLive.TotalSeconds;
                lock (_gate)
                {
                    _seen.Remember(Program(process), query.Name, host.Addresses, ttl, Now);
                    replies = _table.Completed(lookup, new ResolvedHost(host.CanonicalName, host.Aliases, host.Addresses), ttl, unreachable.AnswersIPv6, Now);
                }
                break;
            case HostNames { Names.Count: > 0 } address:
                lock (_gate)
                    replies = _table.Completed(lookup, address.Names, (uint)address.TimeToLive.TotalSeconds, Now);
                break;
            case DnsQueryReply answer:
                lock (_gate)
                {
                    // The table looks whether it is an answer to the question; a name that is not right is not believed by the firewall.
                    if (query.IsAnsweredBy(answer.Message.Span))
                        _seen.Remember(Program(process), query.Name, DnsReply.Addresses(answer.Message.Span), DnsReply.TimeToLive(answer.Message.Span), Now);
                    replies = _table.Completed(lookup, answer.Message, unreachable.AnswersIPv6, Now);
                }
                break;
            default:
                Fail(lookup, FailureOf(reply), (reply as ErrorReply)?.Authority, answer: true);
                return;
        }

        Send(replies);
    }

    private static NameFailure FailureOf(RwsMessage reply) => reply switch
    {
        HostEntry or HostNames or ErrorReply { Error: WinsockError.WSANO_DATA } => NameFailure.NoData,
        ErrorReply { Error: WinsockError.WSAHOST_NOT_FOUND } => NameFailure.NotFound,
        ErrorReply { Error: WinsockError.WSAEACCES } => NameFailure.Refused,
        _ => NameFailure.Unavailable,
    };

    private void Fail(long lookup, NameFailure failure, StartOfAuthority? authority, bool answer)
    {
        IReadOnlyList<NameReply> replies;
        lock (_gate)
            replies = _table.Failed(lookup, failure, authority, Now);
        if (answer)
            Send(replies);
    }

    private void Send(IReadOnlyList<NameReply> replies)
    {
        foreach (var (origin, message) in replies)
        {
            var answer = UdpDatagram.Build(origin.Server, origin.Client, message);
            diverter.Send(answer, new DivertAddress
            {
                Direction = PacketDirection.Inbound,
                InterfaceIndex = origin.Address.InterfaceIndex,
                SubInterfaceIndex = origin.Address.SubInterfaceIndex,
                Checksums = ChecksumState.Valid,
            });
        }
    }

    private sealed record AskedQuery(DnsQuery Query, NameQueryOrigin Origin, byte[] Packet);
}
