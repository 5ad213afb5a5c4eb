using FwRedirect.ControlChannel.Settings;

namespace FwRedirect.Redirector.Rules;

/// <summary>
/// Whether a program's listening socket is to be reached from outside. ServerBind and RemoteBind publish it, whatever the program has done before; LocalBind keeps it here; without a
/// word of the settings it is bound at the firewall where the program has a connection through it (FTP's data port, a game's), as the Firewall Client did it.
/// <para>A binding takes as many connections as come, with and without ServerBind: the old client took one where ServerBind was missing and gave the port back, since its Winsock
/// layer made the accepted socket of the listening one. Here the program's own socket accepts, and it decides by closing it.</para>
/// </summary>
internal static class ListenRules
{
    /// <param name="port">Its own.</param>
    /// <param name="isDynamic">The port is of the range from which the system chooses.</param>
    /// <param name="hasFlow">The process has a connection through the firewall.</param>
    /// <returns>Null: it stays this machine's own.</returns>
    public static ListenDecision? DecideTcp(ProgramSettings settings, int port, bool isDynamic, bool hasFlow)
    {
        if (settings.Find(SettingKey.Disable) is { IsSet: true })
            return null;
        var address = settings.ProxyBindAddress(port);
        var placement = settings.BindTcp(port, isDynamic);
        var key = placement == BindPlacement.Server ? SettingKey.ServerBindTcpPorts : SettingKey.RemoteBindTcpPorts;
        return placement switch
        {
            BindPlacement.Local => null,
            BindPlacement.Unsaid => hasFlow ? new ListenDecision(address, 0, IsPublished: false, settings.Persistent, "the program has a connection through the firewall") : null,
            // A port that stands there itself is meant to be that port outside too; by 0 any will do.
            _ => new ListenDecision(
                address, settings.BindTcp(port, isDynamic: false) == placement ? port : 0, IsPublished: true, settings.Persistent, settings.Find(key)?.ToString() ?? ""),
        };
    }

    /// <summary>
    /// The same for a UDP socket that was bound. ServerBind makes it a server's, to which everybody may send; RemoteBind gives it its outside port before it has sent anything, with the
    /// firewall's filtering. Without a word of the settings nothing is done: the first datagram that it sends binds it, and most bound sockets (a resolver's, mDNS) wait for nobody outside.
    /// </summary>
    /// <returns>Null: nothing is asked for at its bind.</returns>
    public static ListenDecision? DecideUdp(ProgramSettings settings, int port, bool isDynamic)
    {
        if (settings.Find(SettingKey.Disable) is { IsSet: true })
            return null;
        var placement = settings.BindUdp(port, isDynamic);
        if (placement is BindPlacement.Local or BindPlacement.Unsaid)
            return null;
        var isServer = placement == BindPlacement.Server;
        var why = settings.Find(isServer ? SettingKey.ServerBindUdpPorts : SettingKey.RemoteBindUdpPorts)?.ToString() ?? "";
        return new ListenDecision(settings.ProxyBindAddress(port), port, IsPublished: true, settings.Persistent, why) { TakesStrangers = isServer };
    }
}
