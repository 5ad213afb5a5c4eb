using System.Net;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>What a firewall sets for its clients.</summary>
/// <param name="Version">Says nothing but this: where it is equal, so is all else.</param>
/// <param name="ClientEntriesWin">What the client's own file says counts before this; else after it.</param>
/// <param name="LocalAddresses">Reached without the firewall.</param>
/// <param name="LocalDomains">Looked up without the firewall; "*" is every name.</param>
public sealed record SettingsContent(
    string Version, bool ClientEntriesWin, IReadOnlyList<IPNetwork> LocalAddresses, IReadOnlyList<string> LocalDomains, IReadOnlyList<SettingEntry> Entries)
{
    private const ushort ClientEntriesWinBit = 0x0001;

    //  Version        string16
    //  Flags          u16       bit 0 ClientEntriesWin
    //  AddressCount   u16
    //  (Address address, PrefixLength u8)                           x AddressCount
    //  DomainCount    u16
    //  Domain         string16                                      x DomainCount
    //  EntryCount     u16
    //  (Application string16, Key string16, Value string16)         x EntryCount
    //  tagged fields
    internal static SettingsContent Read(ref RwsReader reader)
    {
        var version = reader.ReadString("Version", RwsLimits.SettingsVersion);
        var flags = reader.ReadUInt16("Flags");
        var addresses = new IPNetwork[TaggedFields.Count(reader.ReadUInt16("AddressCount"), "AddressCount", RwsLimits.SettingsLocalAddresses)];
        for (var i = 0; i < addresses.Length; i++)
            addresses[i] = Network(reader.ReadAddress("Address"), reader.ReadByte("PrefixLength"));
        var domains = new string[TaggedFields.Count(reader.ReadUInt16("DomainCount"), "DomainCount", RwsLimits.SettingsLocalDomains)];
        for (var i = 0; i < domains.Length; i++)
            domains[i] = reader.ReadString("Domain", RwsLimits.HostName);
        var entries = new SettingEntry[TaggedFields.Count(reader.ReadUInt16("EntryCount"), "EntryCount", RwsLimits.SettingsEntries)];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = new SettingEntry(
                reader.ReadString("Application", RwsLimits.Application), reader.ReadString("Key", RwsLimits.SettingKey), reader.ReadString("Value", RwsLimits.SettingValue));
        }

        _ = TaggedFields.Read(ref reader);
        return new SettingsContent(version, (flags & ClientEntriesWinBit) != 0, addresses, domains, entries);
    }

    internal void Write(RwsWriter writer)
    {
        writer.WriteString("Version", Version, RwsLimits.SettingsVersion);
        writer.WriteUInt16(ClientEntriesWin ? ClientEntriesWinBit : (ushort)0);
        writer.WriteUInt16(Count("AddressCount", LocalAddresses.Count, RwsLimits.SettingsLocalAddresses));
        foreach (var network in LocalAddresses)
        {
            writer.WriteAddress(network.BaseAddress);
            writer.WriteByte((byte)network.PrefixLength);
        }

        writer.WriteUInt16(Count("DomainCount", LocalDomains.Count, RwsLimits.SettingsLocalDomains));
        foreach (var domain in LocalDomains)
            writer.WriteString("Domain", domain, RwsLimits.HostName);
        writer.WriteUInt16(Count("EntryCount", Entries.Count, RwsLimits.SettingsEntries));
        foreach (var entry in Entries)
        {
            writer.WriteString("Application", entry.Application, RwsLimits.Application);
            writer.WriteString("Key", entry.Key, RwsLimits.SettingKey);
            writer.WriteString("Value", entry.Value, RwsLimits.SettingValue);
        }
    }

    internal string Describe() => $"version {Version}; {LocalAddresses.Count} local addresses, {LocalDomains.Count} local domains, {Entries.Count} application settings";

    private static ushort Count(string field, int count, int most) =>
        count <= most ? (ushort)count : throw new ArgumentException($"{field}: {count} is over the limit of {most}");

    private static IPNetwork Network(IPAddress address, int prefix)
    {
        if (prefix > address.GetAddressBytes().Length * 8)
            RwsFormatException.ThrowValue("PrefixLength", prefix.ToString(), "at most the address's number of bits");
        var network = new IPNetwork(address, prefix);
        // .NET takes them away.
        if (!network.BaseAddress.Equals(address))
            RwsFormatException.ThrowValue("Address", $"{address}/{prefix}", "an address without bits behind the prefix");
        return network;
    }
}
