using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Firewall;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Journeys;

/// <summary>A TCP socket that listens: Bind and Listen at the firewall; each connection that comes there is announced.</summary>
internal sealed class Listener(
    PacketEndpoint local, ProcessInfo process, ListenDecision decision, Bindings bindings, FirewallChannels channels, TimeProvider time, ILogger logger)
    : PublishedSocket(local, process, decision, time, logger)
{
    /// <summary>What a Listen request asks for: Linux and Windows tell no backlog, and this is what common servers ask.</summary>
    private const ushort Backlog = 128;

    private Binding? _binding;

    protected override string Protocol => "TCP";

    protected override async Task<WinsockError?> AskAsync()
    {
        var channel = await channels.GetAsync(Process, AddressFamily.InterNetwork);
        if (IsClosed)
            return WinsockError.WSAECONNABORTED;
        BeginTry();
        // The article's program asks for its own address first (step 5); here that look-up is ours, is answered here, and takes its number all the same.
        var ownAddressId = channel.Rws.Ids.Next();
        var address = Local.IsAnyAddress ? channel.LocalAddress : Local.ToIPEndPoint().Address;
        var client = new IPEndPoint(address, Local.Port);
        _binding = new Binding(Process, channel, ownAddressId, channel.Rws.Ids.Next(boundSocket: true), client, channel.SeenAs(client));
        bindings.Add(_binding, this);
        return await ListenAsync(_binding);
    }

    protected override void GiveBack()
    {
        if (_binding is not { } binding || !bindings.Remove(binding))
            return;
        binding.Channel.Rws.Notify(new Close("", IsFromFirewall: false) { Id = binding.Id });
        _binding = null;
    }

    private async Task<WinsockError?> ListenAsync(Binding binding)
    {
        var rws = binding.Channel.Rws;
        var wanted = new IPEndPoint(Decision.Address ?? rws.Setup.ExternalAddress, Decision.Port);
        var reply = await rws.RequestAsync(new BindRequest(IpProtocol.Tcp, wanted, binding.SeenAs) { Id = binding.Id });
        if (reply is BindReply bound)
        {
            if (IsClosed)
                return WinsockError.WSAECONNABORTED;
            reply = await rws.RequestAsync(new ListenRequest(bound.Outside, Backlog) { Id = binding.Id });
            if (reply is ListenReply listening)
            {
                Listening(listening.Outside);
                JourneyLog.Listening(Logger, Process.Name, binding.Client, listening.Outside, Decision.Why);
                return null;
            }

            // Bound and not listening: it is not kept.
            rws.Notify(new Close("", IsFromFirewall: false) { Id = binding.Id });
        }

        bindings.Remove(binding);
        _binding = null;
        var error = reply as ErrorReply;
        return NotListening(error?.Error ?? WinsockError.WSAEINVAL, error is null ? reply.Describe() : $"{error.Error}, {error.Sentence}");
    }
}
