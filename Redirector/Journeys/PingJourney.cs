using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Status;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Pings;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Journeys;

/// <summary>
/// A ping: the echo request goes no further, the firewall sends one like it outside, and what comes back is given to the program as if it had come by itself. So
/// the round trip that the program measures is the true sum, and what is not answered stays without answer.
/// </summary>
internal sealed class PingJourney(
    IPacketDiverter diverter, IProcessLookup processes, FirewallChannels channels, NameJourney names, FlowRules rules, UnreachablePolicy unreachable,
    TimeProvider time, ILogger<PingJourney> logger) : ICounted
{
    /// <summary>Of an error that we bring; nobody looks at it.</summary>
    private const byte RouterTimeToLive = 64;

    private readonly EchoTable _table = new();
    private readonly Lock _gate = new();
    private int _asking;

    private long Now => time.Milliseconds();

    /// <summary>On the packet path: true where the packet is an echo request that the firewall is asked for; it goes no further then.</summary>
    public bool TryTake(ReadOnlySpan<byte> packet, in DivertAddress address)
    {
        var view = new PacketView(packet);
        if (address.Direction != PacketDirection.Outbound || !IcmpMessage.IsEchoRequest(view) || rules.IsLocalServer(view.Destination))
            return false;
        // Each waits for its program and its channel to be found: beyond so many they are lost, as on a network.
        if (Interlocked.Increment(ref _asking) > PingLimits.MostAsking)
        {
            Interlocked.Decrement(ref _asking);
            return true;
        }

        var echo = new SentEcho(packet[..view.Length].ToArray(), address, Now);
        ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Journey.AskAsync(work.Echo), (Journey: this, Echo: echo), preferLocal: false);
        return true;
    }

    public void Count(StatusCounters counters)
    {
        lock (_gate)
        {
            counters.Add("pings", "runs", _table.Runs);
            counters.Add("pings", "waiting", _table.Waiting);
        }
    }

    /// <summary>About once a second.</summary>
    public void Tick()
    {
        IReadOnlyList<EchoRun> over;
        lock (_gate)
            over = _table.Tick(Now);
        foreach (var run in over)
            run.Release();
    }

    /// <summary>What the firewall says of an echo request.</summary>
    public void Take(RwsClientChannel channel, RwsMessage answer)
    {
        SentEcho? echo;
        lock (_gate)
        {
            echo = answer switch
            {
                EchoReply reply => _table.Find(channel, reply.Id, reply.Source, reply.Identifier, reply.Sequence, Now),
                EchoError error => _table.Find(channel, error.Id, error.Destination, error.Identifier, error.Sequence, Now),
                _ => null,
            };
        }

        // Late, or never asked for.
        if (echo is null)
            return;
        if (answer is EchoReply { TimeToLive: var timeToLive, Data: var data })
        {
            Inject(echo, IcmpMessage.Reply(echo.Destination, echo.Client, timeToLive, echo.Second, data.Span));
        }
        else if (answer is EchoError failed)
        {
            PingLog.Failed(logger, channel.Application, echo.Destination, failed.Describe());
            InjectError(echo, PacketEndpoint.From(failed.Reporter, 0), failed.Type, failed.Code, failed.Info);
        }
    }

    private async Task AskAsync(SentEcho echo)
    {
        try
        {
            var identifier = new PacketEndpoint(echo.Client.Address, echo.Identifier);
            var process = await processes.FindAsync(echo.Destination.IsIPv4 ? IpProtocol.Icmp : IpProtocol.IcmpV6, identifier, echo.Destination) ?? ProcessInfo.Unknown;
            var destination = echo.Destination.ToIPEndPoint().Address;
            var name = names.NameOf(process, destination);
            if (!IsRedirected(echo, process, name))
                return;
            var channel = await channels.GetAsync(process, echo.Destination.Family);
            if (!channel.Rws.Setup.Protocols.Contains(BindProtocol.Icmp))
            {
                Unreachable(echo, UnreachableReason.Network);
                return;
            }

            EchoRun run;
            lock (_gate)
                run = _table.Add(echo, channel, Now);
            channel.Rws.Notify(new EchoRequest(
                destination, echo.TimeToLive, echo.DontFragment ? EchoFlags.DontFragment : EchoFlags.None, echo.Identifier, echo.Sequence, echo.Data)
            {
                Id = run.Id,
                DestinationName = name,
            });
            echo.Trim();
        }
        catch (ChannelUnavailableException unavailable)
        {
            var fate = unreachable.For(unavailable, echo.Destination.Family);
            if (fate == WithoutFirewall.Direct)
                SendOn(echo);
            else
                Unreachable(echo, fate == WithoutFirewall.Unreachable ? UnreachableReason.Network : UnreachableReason.AdministrativelyProhibited);
        }
        catch (Exception failure)
        {
            // It is lost: the program counts it so.
            PingLog.Lost(logger, echo.Destination, failure);
        }
        finally
        {
            Interlocked.Decrement(ref _asking);
        }
    }

    private bool IsRedirected(SentEcho echo, ProcessInfo process, string? name)
    {
        var decision = rules.Decide(new FlowQuestion(process, IpProtocol.Icmp, echo.Destination, name));
        if (decision.Verdict == FlowVerdict.Local)
            SendOn(echo);
        else if (decision.Verdict == FlowVerdict.Block)
            Unreachable(echo, UnreachableReason.AdministrativelyProhibited);
        if (decision.Verdict != FlowVerdict.Redirect)
            PingLog.Decided(logger, process.Name, echo.Destination, decision);
        return decision.Verdict == FlowVerdict.Redirect;
    }

    private void Unreachable(SentEcho echo, UnreachableReason reason) => Inject(echo, IcmpUnreachable.AnswerTo(new PacketView(echo.Whole), reason));

    /// <summary>The quote is the program's own packet, as far as it is kept: by its identifier and sequence the program's stack finds the socket.</summary>
    private void InjectError(SentEcho echo, PacketEndpoint reporter, byte type, byte code, uint info) =>
        Inject(echo, IcmpMessage.Build(reporter, echo.Client, RouterTimeToLive, type, code, info, echo.Packet));

    private void SendOn(SentEcho echo) => diverter.Send(echo.Whole, echo.Address with { Id = 0 });

    private void Inject(SentEcho echo, byte[] packet) => diverter.Send(packet, new DivertAddress
    {
        Direction = PacketDirection.Inbound,
        InterfaceIndex = echo.Address.InterfaceIndex,
        SubInterfaceIndex = echo.Address.SubInterfaceIndex,
        Checksums = ChecksumState.Valid,
    });
}
