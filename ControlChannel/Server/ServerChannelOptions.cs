using System.Net;
using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.ControlChannel.Server;

/// <summary>What the firewall demands of its clients.</summary>
public sealed record ServerChannelOptions
{
    /// <summary>The firewall's own name.</summary>
    public required string Firewall { get; init; }

    public required IPAddress ExternalAddress { get; init; }

    /// <summary>Where channels of the other IP version are taken; null: nowhere.</summary>
    public IPAddress? OtherInsideAddress { get; init; }

    public bool AuthenticationRequired { get; init; } = true;

    /// <summary>Clients that have credentials may use them, also where none are demanded.</summary>
    public bool AuthenticationOffered { get; init; } = true;

    /// <summary>Best first.</summary>
    public IReadOnlyList<string> Packages { get; init; } = ["Negotiate", "NTLM"];

    /// <summary>Well below the few minutes after which middle boxes forget an idle connection; ISA's 10 minutes broke live sessions.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The IP protocols that Bind takes.</summary>
    public IReadOnlyList<byte> Protocols { get; init; } = [BindProtocol.Tcp];

    /// <summary>The version of the settings for clients; null: there are none, and Get settings is not taken.</summary>
    public string? SettingsVersion { get; init; }

    /// <summary>The sessions that can be resumed; null: none can, and each ends with its connection.</summary>
    public ResumableSessions? Sessions { get; init; }

    internal ChannelSetupResponse Response => new(
        ChannelSetupRequest.IsaServerCompatible, Firewall, AuthenticationRequired, EncryptionRequired: false,
        AuthenticationOffered ? Packages : [], ExternalAddress, KeepAlive)
    {
        Protocols = Protocols,
        SettingsVersion = SettingsVersion,
        OtherInsideAddress = OtherInsideAddress,
    };
}
