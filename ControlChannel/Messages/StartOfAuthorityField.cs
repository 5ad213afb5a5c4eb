using System.Buffers;
using FwRedirect.ControlChannel.Names;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>The value of the tag <see cref="FieldTag.StartOfAuthority"/>.</summary>
internal static class StartOfAuthorityField
{
    //  Zone            string16
    //  PrimaryServer   string16
    //  Mailbox         string16
    //  Serial, Refresh, Retry, Expire, Minimum, TimeToLive   u32 each
    public static StartOfAuthority Read(ref RwsReader value) => new(
        value.ReadString("Zone", RwsLimits.HostName), value.ReadString("PrimaryServer", RwsLimits.HostName), value.ReadString("Mailbox", RwsLimits.HostName),
        value.ReadUInt32("Serial"), value.ReadUInt32("Refresh"), value.ReadUInt32("Retry"), value.ReadUInt32("Expire"), value.ReadUInt32("Minimum"),
        value.ReadUInt32("TimeToLive"));

    public static void Write(StartOfAuthority authority, RwsWriter writer)
    {
        var value = new ArrayBufferWriter<byte>(128);
        var inner = new RwsWriter(value);
        inner.WriteString("Zone", authority.Zone, RwsLimits.HostName);
        inner.WriteString("PrimaryServer", authority.PrimaryServer, RwsLimits.HostName);
        inner.WriteString("Mailbox", authority.Mailbox, RwsLimits.HostName);
        inner.WriteUInt32(authority.Serial);
        inner.WriteUInt32(authority.Refresh);
        inner.WriteUInt32(authority.Retry);
        inner.WriteUInt32(authority.Expire);
        inner.WriteUInt32(authority.Minimum);
        inner.WriteUInt32(authority.TimeToLive);
        writer.WriteUInt16((ushort)FieldTag.StartOfAuthority);
        writer.WriteBytes(nameof(FieldTag.StartOfAuthority), value.WrittenSpan, ushort.MaxValue);
    }
}
