using System.Net;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>First message of a channel: which program of which user on which computer wants one.</summary>
public sealed record ChannelSetupRequest(string Dialect, ushort Version, ClientInfo ClientInfo) : RwsMessage
{
    /// <summary>The article's dialect; a firewall that does not speak it says so in an error reply.</summary>
    public const string IsaServerCompatible = "ISA Server compatible";

    /// <summary>Version of PROTOCOL.md.</summary>
    public const ushort CurrentVersion = 1;

    private const int DialectLimit = 64;

    /// <summary>Null: this client can not resume a session.</summary>
    public Resumption? Resumption { get; init; }

    /// <summary>Sessions of this user and program that are left from earlier runs end before this one begins.</summary>
    public bool KillOldSession { get; init; }

    public override OpCode OpCode => OpCode.ChannelSetupRequest;

    public override ClientInfo? Client => ClientInfo;

    public override string Describe() =>
        $"RWS:Channel setup request ({Dialect}) for {Application} as {ClientInfo.User} on {ClientInfo.Computer} running {ClientInfo.Platform}";

    //  Version   u16
    //  Dialect   string16
    //  tagged fields: Resumption, KillOldSession
    internal static ChannelSetupRequest ReadBody(ref RwsReader reader, ClientInfo? client)
    {
        var version = reader.ReadUInt16("Version");
        var dialect = reader.ReadString("Dialect", DialectLimit);
        var tags = TaggedFields.Read(ref reader);
        return new ChannelSetupRequest(dialect, version, client ?? throw new RwsFormatException("ClientInfo: missing in a setup request"))
        {
            Resumption = tags.Resumption,
            KillOldSession = tags.KillOldSession,
        };
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteUInt16(Version);
        writer.WriteString("Dialect", Dialect, DialectLimit);
        Resumption?.Write(writer);
        if (KillOldSession)
            writer.WriteTag(FieldTag.KillOldSession, ReadOnlySpan<byte>.Empty, 0);
    }
}

/// <summary>The firewall's answer: its name, what it demands, and what the client needs to know for its requests.</summary>
/// <param name="Dialect">Echo of the dialect that both speak.</param>
/// <param name="Firewall">The firewall's own name, part of the service name in Kerberos.</param>
/// <param name="Packages">Authentication packages that the firewall takes, best first: "Negotiate", "Kerberos", "NTLM".</param>
/// <param name="ExternalAddress">The address that the outside sees.</param>
/// <param name="KeepAlive">Silence after which the client sends a keep-alive, and three times of which ends the session.</param>
public sealed record ChannelSetupResponse(
    string Dialect, string Firewall, bool AuthenticationRequired, bool EncryptionRequired, IReadOnlyList<string> Packages,
    IPAddress ExternalAddress, TimeSpan KeepAlive) : RwsMessage
{
    private const ushort AuthenticationRequiredBit = 0x0001;
    private const ushort EncryptionRequiredBit = 0x0002;

    private const int DialectLimit = 64;
    private const int PackageLimit = 32;

    /// <summary>The IP protocols that the firewall binds: without UDP in it, a Bind of UDP and a Connect that names one must not be sent.</summary>
    public IReadOnlyList<byte> Protocols { get; init; } = [BindProtocol.Tcp];

    /// <summary>The version of the settings that the firewall has for its clients; null: it has none, and Get settings must not be sent.</summary>
    public string? SettingsVersion { get; init; }

    /// <summary>What a client makes its proof of when it resumes a session; empty where this firewall keeps none, or the client did not ask.</summary>
    public ReadOnlyMemory<byte> ResumeNonce { get; init; }

    /// <summary>
    /// The firewall's inside address of the other IP version, at the same control port, if it can connect outside in that: flows of that version take a channel of their own to it.
    /// Null: this firewall has nothing to offer to them.
    /// </summary>
    public IPAddress? OtherInsideAddress { get; init; }

    public override OpCode OpCode => OpCode.ChannelSetupResponse;

    public override bool FromFirewall => true;

    public override string Describe() =>
        $"RWS:Channel setup response to {Application} ({Dialect}), authentication to {Firewall} is {Demand(AuthenticationRequired)}; encryption {Demand(EncryptionRequired)}";

    //  Demands        u16       bit 0 authentication required, bit 1 encryption required
    //  Dialect        string16
    //  Firewall       string16
    //  PackageCount   u8
    //  Package        string16  x PackageCount
    //  tagged fields: ExternalAddress (must be there), KeepAliveSeconds, Protocols, SettingsVersion, ResumeNonce, OtherInsideAddress
    internal static ChannelSetupResponse ReadBody(ref RwsReader reader)
    {
        var demands = reader.ReadUInt16("Demands");
        var dialect = reader.ReadString("Dialect", DialectLimit);
        var firewall = reader.ReadString("Firewall", RwsLimits.ComputerName);
        var packages = new string[TaggedFields.Count(reader.ReadByte("PackageCount"), "PackageCount", RwsLimits.Packages)];
        for (var i = 0; i < packages.Length; i++)
            packages[i] = reader.ReadString("Package", PackageLimit);
        var tags = TaggedFields.Read(ref reader);
        return new ChannelSetupResponse(
            dialect, firewall, (demands & AuthenticationRequiredBit) != 0, (demands & EncryptionRequiredBit) != 0, packages,
            tags.ExternalAddress ?? throw new RwsFormatException("ExternalAddress: missing in a setup response"),
            TimeSpan.FromSeconds(tags.KeepAliveSeconds))
        {
            Protocols = tags.Protocols,
            SettingsVersion = tags.SettingsVersion,
            ResumeNonce = tags.ResumeNonce,
            OtherInsideAddress = tags.OtherInsideAddress,
        };
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteUInt16((ushort)((AuthenticationRequired ? AuthenticationRequiredBit : 0) | (EncryptionRequired ? EncryptionRequiredBit : 0)));
        writer.WriteString("Dialect", Dialect, DialectLimit);
        writer.WriteString("Firewall", Firewall, RwsLimits.ComputerName);
        writer.WriteByte((byte)Packages.Count);
        foreach (var package in Packages)
            writer.WriteString("Package", package, PackageLimit);
        writer.WriteTag(FieldTag.ExternalAddress, ExternalAddress);
        writer.WriteTag(FieldTag.KeepAliveSeconds, (uint)KeepAlive.TotalSeconds);
        if (Protocols is not [BindProtocol.Tcp])
            writer.WriteTag(FieldTag.Protocols, [.. Protocols], RwsLimits.Protocols);
        if (SettingsVersion is not null)
            writer.WriteTag(FieldTag.SettingsVersion, SettingsVersion, RwsLimits.SettingsVersion);
        if (!ResumeNonce.IsEmpty)
            writer.WriteTag(FieldTag.ResumeNonce, ResumeNonce.Span, RwsLimits.ResumeSecret);
        if (OtherInsideAddress is not null)
            writer.WriteTag(FieldTag.OtherInsideAddress, OtherInsideAddress);
    }

    private static string Demand(bool required) => required ? "required" : "not required";
}
