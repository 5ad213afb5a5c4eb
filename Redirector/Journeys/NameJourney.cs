using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Names;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Journeys;

/// <summary>A DNS query: local names pass untouched; for the others Get host by name on the control channel, and a DNS answer from the server that was asked.</summary>
internal sealed class NameJourney(
    IPacketDiverter diverter, IProcessLookup processes, FirewallChannels channels, LocalDomains localDomains, UnreachablePolicy unreachable,
    TimeProvider time, ILogger<NameJourney> logger)
{
    private const ushort DnsPort = 53;

    private readonly NameTable _table = new(answerIPv6: false);
    private readonly Lock _gate = new();

    private long Now => time.Milliseconds();

    /// <summary>On the packet path: true where the packet is a query that is answered from here; it goes no further then.</summary>
    public bool TryTake(ReadOnlySpan<byte> packet, in DivertAddress address)
    {
        var view = new PacketView(packet);
        if (view.Protocol != IpProtocol.Udp || view.Destination.Port != DnsPort || address.Direction != PacketDirection.Outbound)
            return false;
        if (!DnsQuery.TryParse(view.PayloadBytes, out var query) || localDomains.Why(query.Name) is not null)
            return false;

        var asked = new AskedQuery(query, new NameQueryOrigin(view.Source, view.Destination, address), packet.ToArray());
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

    private async Task AnswerAsync(AskedQuery asked)
    {
        try
        {
            var process = await processes.FindAsync(IpProtocol.Udp, asked.Origin.Client, asked.Origin.Server) ?? ProcessInfo.Unknown;
            NameAskResult result;
            lock (_gate)
                result = _table.Ask(asked.Query, asked.Origin, (process.User, process.Name), Now);
            if (result.Kind == NameAskKind.AnswerNow)
                Send([new NameReply(asked.Origin, result.Answer!)]);
            else if (result.Kind == NameAskKind.StartLookup)
                await LookUpAsync(asked, result.LookupId, process);
        }
        catch (Exception failure)
        {
            // The query stays unanswered: the program's resolver asks again.
            JourneyLog.LookUpFailed(logger, asked.Query.Name, failure);
        }
    }

    private async Task LookUpAsync(AskedQuery asked, long lookup, ProcessInfo process)
    {
        var name = asked.Query.Name.TrimEnd('.');
        try
        {
            var channel = await channels.GetAsync(process);
            var id = channel.Rws.Ids.Next();
            var reply = await channel.Rws.RequestAsync(new GetHostByName(name) { Id = id });
            channel.Rws.Ids.Release(id);
            JourneyLog.LookedUp(logger, channel.Rws.Application, name, reply is HostEntry found ? string.Join(", ", found.Addresses) : reply.Describe());
            Finish(lookup, reply);
        }
        catch (ChannelUnavailableException unavailable)
        {
            var goesDirect = unavailable.IsUnreachable && unreachable.GoesDirect;
            if (goesDirect)
                SendOn(asked);
            // Those that came while we asked are not answered either: their resolver repeats them, and they find the same way.
            Fail(lookup, unavailable.IsUnreachable ? NameFailure.Unavailable : NameFailure.Refused, answer: !goesDirect);
        }
    }

    /// <summary>The query goes where the program sent it.</summary>
    private void SendOn(AskedQuery asked) => diverter.Send(asked.Packet, new DivertAddress
    {
        Direction = PacketDirection.Outbound,
        InterfaceIndex = asked.Origin.Address.InterfaceIndex,
        SubInterfaceIndex = asked.Origin.Address.SubInterfaceIndex,
        Checksums = asked.Origin.Address.Checksums,
    });

    private void Finish(long lookup, RwsMessage reply)
    {
        if (reply is HostEntry { Addresses.Count: > 0 } host)
        {
            IReadOnlyList<NameReply> replies;
            lock (_gate)
                replies = _table.Completed(lookup, new ResolvedHost(host.CanonicalName, host.Aliases, host.Addresses), (uint)host.TimeToLive.TotalSeconds, Now);
            Send(replies);
            return;
        }

        Fail(lookup, reply switch
        {
            HostEntry or ErrorReply { Error: WinsockError.WSANO_DATA } => NameFailure.NoData,
            ErrorReply { Error: WinsockError.WSAHOST_NOT_FOUND } => NameFailure.NotFound,
            ErrorReply { Error: WinsockError.WSAEACCES } => NameFailure.Refused,
            _ => NameFailure.Unavailable,
        }, answer: true);
    }

    private void Fail(long lookup, NameFailure failure, bool answer)
    {
        IReadOnlyList<NameReply> replies;
        lock (_gate)
            replies = _table.Failed(lookup, failure, Now);
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
