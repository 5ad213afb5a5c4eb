using System.Net;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>A program asks which name an address has.</summary>
public sealed record GetHostByAddress(IPAddress Address) : RwsMessage
{
    public override OpCode OpCode => OpCode.GetHostByAddress;

    public override string Describe() => $"RWS:{Id} Get host by address({Address}) from {Application}";

    //  Address   address
    //  tagged fields
    internal static GetHostByAddress ReadBody(ref RwsReader reader)
    {
        var address = reader.ReadAddress("Address");
        _ = TaggedFields.Read(ref reader);
        return new GetHostByAddress(address);
    }

    internal override void WriteBody(RwsWriter writer) => writer.WriteAddress(Address);
}

/// <summary>The HOSTENT of an address: its names.</summary>
/// <param name="Address">The address that was asked for.</param>
/// <param name="Names">h_name, then h_aliases, in the resolver's order. Empty: the address is known and has no name.</param>
/// <param name="TimeToLive">How long the answer may be kept.</param>
public sealed record HostNames(IPAddress Address, IReadOnlyList<string> Names, TimeSpan TimeToLive) : RwsMessage
{
    public override OpCode OpCode => OpCode.HostNames;

    public override bool FromFirewall => true;

    public override OpCode? AnswersTo => OpCode.GetHostByAddress;

    public override string Describe() => $"RWS:{Id} Host entry response to {Application} for {Address}";

    //  Address     address
    //  NameCount   u8
    //  Name        string16   x NameCount
    //  tagged fields: TimeToLive (seconds; without it 0: do not keep)
    internal static HostNames ReadBody(ref RwsReader reader)
    {
        var address = reader.ReadAddress("Address");
        var names = new string[TaggedFields.Count(reader.ReadByte("NameCount"), "NameCount", RwsLimits.HostNames)];
        for (var i = 0; i < names.Length; i++)
            names[i] = reader.ReadString("Name", RwsLimits.HostName);
        return new HostNames(address, names, TimeSpan.FromSeconds(TaggedFields.Read(ref reader).TimeToLive));
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteAddress(Address);
        writer.WriteByte((byte)Names.Count);
        foreach (var name in Names)
            writer.WriteString("Name", name, RwsLimits.HostName);
        writer.WriteTag(FieldTag.TimeToLive, (uint)TimeToLive.TotalSeconds);
    }
}
