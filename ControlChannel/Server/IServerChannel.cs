using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.ControlChannel.Server;

/// <summary>An open channel, as the firewall's side uses it.</summary>
public interface IServerChannel
{
    ServerIdentity Identity { get; }

    /// <summary>Sends a reply or a notice; never blocks. Thread-safe. After the end it does nothing.</summary>
    void Send(RwsMessage message);

    /// <summary>Ends the session from here.</summary>
    void Abort(string reason);
}
