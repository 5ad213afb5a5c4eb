namespace FwRedirect.ControlChannel.Settings;

/// <summary>Where a program's bound socket belongs.</summary>
internal enum BindPlacement
{
    /// <summary>No setting speaks of the port: the firewall's side is taken where the program has a connection through it.</summary>
    Unsaid,

    /// <summary>LocalBind: here only.</summary>
    Local,

    /// <summary>RemoteBind: at the firewall, for the connections of one program's conversation.</summary>
    Remote,

    /// <summary>ServerBind: at the firewall, for any number of clients: a server is published.</summary>
    Server,
}
