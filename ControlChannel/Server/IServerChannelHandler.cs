using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.ControlChannel.Server;

/// <summary>What the firewall does with a channel. Called one at a time, in order; must not block.</summary>
public interface IServerChannelHandler
{
    /// <summary>Once, after the logon.</summary>
    void Opened(IServerChannel channel);

    /// <summary>Get host by name, Connect, Bind, Listen, Get settings (each wants one reply of the same id), Mapping received, Close.</summary>
    void Request(RwsMessage message);

    /// <summary>Once, at the end, if it was opened.</summary>
    void Closed(string reason);
}
