using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;

namespace FwRedirect.ControlChannel.Client;

/// <summary>What a client's channel hears that it did not ask for. Called one at a time, in order; must not block.</summary>
public interface IClientChannelHandler
{
    /// <summary>Somebody connected to a listening socket, or sent to a UDP one: answer with Mapping received, or with Close and the mapping's ids.</summary>
    void NewMapping(RwsClientChannel channel, NewMapping mapping);

    /// <summary>The firewall gave an object, or one mapping of it, up.</summary>
    void Closed(RwsClientChannel channel, Close close);

    /// <summary>A datagram to a UDP peer came to nothing outside; the mapping lives on. A client that binds no UDP hears none.</summary>
    void MappingFailed(RwsClientChannel channel, MappingError error)
    {
    }

    /// <summary>What came of an echo request: an <see cref="EchoReply"/> or an <see cref="EchoError"/>. A client that sends none hears none.</summary>
    void EchoAnswered(RwsClientChannel channel, RwsMessage answer)
    {
    }

    /// <summary>The channel is over; what it held at the firewall is gone. Called once, after a channel was open.</summary>
    void Ended(RwsClientChannel channel, SessionEnd end);
}
