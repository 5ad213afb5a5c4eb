using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Journeys;

/// <summary>The objects that programs' UDP sockets have at the firewall: one Bind each, on the channel of its program and IP version.</summary>
internal sealed class DatagramBindings(
    GuardedEngine engine, FirewallChannels channels, FlowRules rules, DatagramObjects objects, DatagramEnds ends, ILogger logger)
{
    private readonly Lock _owners = new();

    /// <summary>The socket's object at the firewall, made for the first of its peers; null where it can have none.</summary>
    public Task<DatagramOwner?> GetAsync(DatagramAssociation association, ProcessInfo process)
    {
        lock (_owners)
            return (Task<DatagramOwner?>)(association.Owner ??= BindAsync(association, process));
    }

    /// <summary>There is no socket at the firewall: what the program sends later, once the refusals are forgotten, asks for one anew.</summary>
    public void Remove(DatagramAssociation association, DatagramOwner socket)
    {
        if (!objects.Remove(association, socket))
            return;
        lock (_owners)
            association.Owner = null;
        socket.Channel.Rws.Ids.Release(socket.Id);
    }

    private async Task<DatagramOwner?> BindAsync(DatagramAssociation association, ProcessInfo process)
    {
        // Not on the caller's time: it holds the lock.
        await Task.Yield();
        var isMade = false;
        try
        {
            var channel = await channels.GetAsync(process, association.Client.Family);
            if (!channel.Rws.Setup.Protocols.Contains(BindProtocol.Udp))
            {
                JourneyLog.NoUdp(logger, channel.Rws.Application, channel.Rws.Setup.Firewall);
                return null;
            }

            isMade = true;
            return Bind(association, process, channel);
        }
        finally
        {
            // A failure is that of the peers that wait now; the next one tries again.
            if (!isMade)
            {
                lock (_owners)
                    association.Owner = null;
            }
        }
    }

    private DatagramOwner Bind(DatagramAssociation association, ProcessInfo process, FirewallChannel channel)
    {
        var rws = channel.Rws;
        var seenAs = channel.SeenAs(association.Client.ToIPEndPoint());
        var socket = new DatagramOwner(process, channel, rws.Ids.Next(boundSocket: true), seenAs);
        // Known before it is asked for: New mapping may follow the reply at once.
        objects.Add(association, socket);
        // Settings name one address; a socket of the other IP version has the firewall's ordinary one.
        var own = rws.Setup.ExternalAddress;
        var proxy = rules.SettingsOf(process).ProxyBindAddress(association.Client.Port);
        var wanted = new IPEndPoint(proxy?.AddressFamily == own.AddressFamily ? proxy : own, association.Client.Port);
        socket.Bound = rws.RequestAsync(new BindRequest(IpProtocol.Udp, wanted, seenAs) { Id = socket.Id });
        // The program may have closed it by now, and whoever ended it then did not find this.
        if (engine.Enter((_, _) => association.End != FlowEnd.None))
        {
            ends.Finish(association);
            // Whoever did find it may have closed it before it was asked for. A Close for what is over is no error.
            rws.Notify(new Close("", IsFromFirewall: false) { Id = socket.Id });
        }

        return socket;
    }
}
