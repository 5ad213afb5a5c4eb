using System.Net;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>A program looks up a name that is not local.</summary>
public sealed record GetHostByName(string Name) : RwsMessage
{
    public override OpCode OpCode => OpCode.GetHostByName;

    public override string Describe() => $"RWS:{Id} Get host by name('{Name}') from {Application}";

    //  Name   string16
    //  tagged fields
    internal static GetHostByName ReadBody(ref RwsReader reader)
    {
        var name = reader.ReadString("Name", RwsLimits.HostName);
        _ = TaggedFields.Read(ref reader);
        return new GetHostByName(name);
    }

    internal override void WriteBody(RwsWriter writer) => writer.WriteString("Name", Name, RwsLimits.HostName);
}

/// <summary>The HOSTENT: what the name stands for.</summary>
/// <param name="Name">The name that was asked for.</param>
/// <param name="CanonicalName">h_name: where the aliases lead; the name itself where there are none.</param>
/// <param name="Aliases">h_aliases: the names between, in the order of the CNAME chain, the asked one first; empty where there is no CNAME.</param>
/// <param name="Addresses">h_addr_list: IPv4 and IPv6, in the resolver's order. Empty: the name is known and has no address.</param>
/// <param name="TimeToLive">How long the answer may be kept.</param>
public sealed record HostEntry(
    string Name, string CanonicalName, IReadOnlyList<string> Aliases, IReadOnlyList<IPAddress> Addresses, TimeSpan TimeToLive) : RwsMessage
{
    public override OpCode OpCode => OpCode.HostEntry;

    public override bool FromFirewall => true;

    public override OpCode? AnswersTo => OpCode.GetHostByName;

    public override string Describe() => $"RWS:{Id} Host entry response to {Application} for '{Name}'";

    //  Name            string16
    //  CanonicalName   string16
    //  AliasCount      u8
    //  Alias           string16   x AliasCount
    //  AddressCount    u8
    //  Address         address    x AddressCount
    //  tagged fields: TimeToLive (seconds; without it 0: do not keep)
    internal static HostEntry ReadBody(ref RwsReader reader)
    {
        var name = reader.ReadString("Name", RwsLimits.HostName);
        var canonicalName = reader.ReadString("CanonicalName", RwsLimits.HostName);
        var aliases = new string[TaggedFields.Count(reader.ReadByte("AliasCount"), "AliasCount", RwsLimits.Aliases)];
        for (var i = 0; i < aliases.Length; i++)
            aliases[i] = reader.ReadString("Alias", RwsLimits.HostName);
        var addresses = new IPAddress[TaggedFields.Count(reader.ReadByte("AddressCount"), "AddressCount", RwsLimits.Addresses)];
        for (var i = 0; i < addresses.Length; i++)
            addresses[i] = reader.ReadAddress("Address");
        return new HostEntry(name, canonicalName, aliases, addresses, TimeSpan.FromSeconds(TaggedFields.Read(ref reader).TimeToLive));
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteString("Name", Name, RwsLimits.HostName);
        writer.WriteString("CanonicalName", CanonicalName, RwsLimits.HostName);
        writer.WriteByte((byte)Aliases.Count);
        foreach (var alias in Aliases)
            writer.WriteString("Alias", alias, RwsLimits.HostName);
        writer.WriteByte((byte)Addresses.Count);
        foreach (var address in Addresses)
            writer.WriteAddress(address);
        writer.WriteTag(FieldTag.TimeToLive, (uint)TimeToLive.TotalSeconds);
    }
}
