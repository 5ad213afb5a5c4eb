using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>
/// One message of the control channel, with all that its packet says. <see cref="Describe"/> gives the line that the article's analyser prints;
/// trace, logs and tests use that one text.
/// </summary>
public abstract record RwsMessage
{
    public abstract OpCode OpCode { get; }

    /// <summary>True for what only the firewall sends; Close sets it by who made it.</summary>
    public virtual bool FromFirewall => false;

    /// <summary>The object that the message is about; header field ClientConnectionHandle.</summary>
    public ObjectId Id { get; init; }

    /// <summary>The firewall's own number of the object; header field ServerConnectionHandle.</summary>
    public uint FirewallHandle { get; init; }

    /// <summary>The client's number of a mapping; header field ClientMappingHandle.</summary>
    public uint ClientMapping { get; init; }

    /// <summary>The firewall's number of a mapping; header field ServerMappingHandle.</summary>
    public uint FirewallMapping { get; init; }

    /// <summary>File name of the program's executable, such as ftp.exe.</summary>
    public string Application { get; init; } = "";

    /// <summary>Only a setup request carries it.</summary>
    public virtual ClientInfo? Client => null;

    /// <summary>One line, in the article's words.</summary>
    public abstract string Describe();

    /// <summary>The request that this message answers, under the same id; null for what is no reply.</summary>
    public virtual OpCode? AnswersTo => null;

    internal abstract void WriteBody(RwsWriter writer);

    public sealed override string ToString() => Describe();
}
