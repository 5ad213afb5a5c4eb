using System.Net;
using FwRedirect.ControlChannel.Names;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>The optional fields at the end of a message; what was not sent has the value that it has when nobody speaks of it.</summary>
internal sealed record TaggedFields
{
    /// <summary>A client without word from the firewall: well below the 5 minutes after which common middle boxes forget an idle connection.</summary>
    private const uint DefaultKeepAliveSeconds = 15;

    public IPAddress? ExternalAddress { get; private set; }

    public uint KeepAliveSeconds { get; private set; } = DefaultKeepAliveSeconds;

    public uint TimeToLive { get; private set; }

    public string? DestinationName { get; private set; }

    public StartOfAuthority? StartOfAuthority { get; private set; }

    public IReadOnlyList<byte> Protocols { get; private set; } = [BindProtocol.Tcp];

    public Association? Association { get; private set; }

    public string? SettingsVersion { get; private set; }

    public Resumption? Resumption { get; private set; }

    public ReadOnlyMemory<byte> ResumeNonce { get; private set; }

    public bool KillOldSession { get; private set; }

    public IPAddress? OtherInsideAddress { get; private set; }

    public static TaggedFields Read(ref RwsReader reader)
    {
        var fields = new TaggedFields();
        for (var count = 0; reader.Left > 0; count++)
        {
            Count(count, "Tagged fields", RwsLimits.TaggedFields - 1);
            var tag = (FieldTag)reader.ReadTag(out var value);
            fields.Set(tag, ref value);
        }

        return fields;
    }

    /// <summary>A count that the peer gave, checked against its limit.</summary>
    public static int Count(int count, string field, int most)
    {
        if (count > most)
            RwsFormatException.ThrowTooLong(field, count, most);
        return count;
    }

    private void Set(FieldTag tag, ref RwsReader value)
    {
        switch (tag)
        {
            case FieldTag.ExternalAddress:
                ExternalAddress = value.ReadAddress(nameof(ExternalAddress));
                break;
            case FieldTag.KeepAliveSeconds:
                KeepAliveSeconds = value.ReadUInt32(nameof(KeepAliveSeconds));
                if (KeepAliveSeconds is < 1 or > 86_400)
                    RwsFormatException.ThrowValue(nameof(KeepAliveSeconds), KeepAliveSeconds.ToString(), "1 to 86400");
                break;
            case FieldTag.TimeToLive:
                TimeToLive = value.ReadUInt32(nameof(TimeToLive));
                break;
            case FieldTag.DestinationName:
                DestinationName = value.ReadRest(nameof(DestinationName), RwsLimits.HostName);
                break;
            case FieldTag.StartOfAuthority:
                StartOfAuthority = StartOfAuthorityField.Read(ref value);
                break;
            case FieldTag.Protocols:
                Protocols = value.ReadRestBytes(nameof(Protocols), RwsLimits.Protocols).ToArray();
                break;
            case FieldTag.Association:
                Association = Messages.Association.Read(ref value);
                break;
            case FieldTag.SettingsVersion:
                SettingsVersion = value.ReadRest(nameof(SettingsVersion), RwsLimits.SettingsVersion);
                break;
            case FieldTag.Resumption:
                Resumption = Messages.Resumption.Read(ref value);
                break;
            case FieldTag.ResumeNonce:
                ResumeNonce = ResumeSecret.Read(ref value, nameof(ResumeNonce));
                break;
            case FieldTag.KillOldSession:
                KillOldSession = true;
                break;
            case FieldTag.OtherInsideAddress:
                OtherInsideAddress = value.ReadAddress(nameof(OtherInsideAddress));
                break;
            default:
                if (tag.HasFlag(FieldTag.Critical))
                    RwsFormatException.ThrowValue("Tag", $"0x{(ushort)tag:X4}", "a known tag");
                return;
        }

        value.ReadEnd(tag.ToString());
    }
}
