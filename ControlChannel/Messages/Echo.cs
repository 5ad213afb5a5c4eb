using System.Net;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>
/// A program sends an ICMP echo request (ping) to a destination that is not local: the firewall sends one like it outside. It is not answered but by what comes
/// back: nothing, an <see cref="EchoReply"/> or several, or an <see cref="EchoError"/>. The id names the run of echoes with one identifier.
/// </summary>
/// <param name="Destination">Whom the program pings.</param>
/// <param name="TimeToLive">As the program's packet had it: the firewall is the first hop.</param>
/// <param name="Flags">Bit 0: do not fragment.</param>
/// <param name="Identifier">The program's own; comes back with the answer, and is another outside.</param>
/// <param name="Sequence">The program's own; comes back with the answer.</param>
/// <param name="Data">What stands behind the ICMP header.</param>
public sealed record EchoRequest(
    IPAddress Destination, byte TimeToLive, EchoFlags Flags, ushort Identifier, ushort Sequence, ReadOnlyMemory<byte> Data) : RwsMessage
{
    /// <summary>The name that the program looked up to get the address, where that is known.</summary>
    public string? DestinationName { get; init; }

    public override OpCode OpCode => OpCode.Echo;

    public override string Describe() =>
        $"RWS:{Id} Echo request from {Application} to {Destination}; identifier 0x{Identifier:X4}, sequence {Sequence}, TTL {TimeToLive}, {Data.Length} bytes";

    //  Destination   address
    //  TimeToLive    u8
    //  Flags         u8
    //  Identifier    u16
    //  Sequence      u16
    //  Data          bytes16
    //  tagged fields: DestinationName
    internal static EchoRequest ReadBody(ref RwsReader reader)
    {
        var request = new EchoRequest(
            reader.ReadAddress("Destination"), reader.ReadByte("TimeToLive"), (EchoFlags)reader.ReadByte("Flags"), reader.ReadUInt16("Identifier"),
            reader.ReadUInt16("Sequence"), reader.ReadBytes("Data", RwsLimits.EchoData).ToArray());
        return request with { DestinationName = TaggedFields.Read(ref reader).DestinationName };
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteAddress(Destination);
        writer.WriteByte(TimeToLive);
        writer.WriteByte((byte)Flags);
        writer.WriteUInt16(Identifier);
        writer.WriteUInt16(Sequence);
        writer.WriteBytes("Data", Data.Span, RwsLimits.EchoData);
        if (DestinationName is not null)
            writer.WriteTag(FieldTag.DestinationName, DestinationName, RwsLimits.HostName);
    }
}

/// <summary>The destination answered an echo request.</summary>
/// <param name="Source">Who answered.</param>
/// <param name="TimeToLive">What the program's packet shall have: one less than the answer had at the firewall.</param>
/// <param name="Identifier">The program's.</param>
/// <param name="Sequence">The program's.</param>
/// <param name="Data">As it came.</param>
public sealed record EchoReply(IPAddress Source, byte TimeToLive, ushort Identifier, ushort Sequence, ReadOnlyMemory<byte> Data) : RwsMessage
{
    public override OpCode OpCode => OpCode.EchoReply;

    public override bool FromFirewall => true;

    public override string Describe() =>
        $"RWS:{Id} Echo reply to {Application} from {Source}; identifier 0x{Identifier:X4}, sequence {Sequence}, TTL {TimeToLive}, {Data.Length} bytes";

    //  Source        address
    //  TimeToLive    u8
    //  Identifier    u16
    //  Sequence      u16
    //  Data          bytes16
    //  tagged fields
    internal static EchoReply ReadBody(ref RwsReader reader)
    {
        var reply = new EchoReply(
            reader.ReadAddress("Source"), reader.ReadByte("TimeToLive"), reader.ReadUInt16("Identifier"), reader.ReadUInt16("Sequence"),
            reader.ReadBytes("Data", RwsLimits.EchoData).ToArray());
        _ = TaggedFields.Read(ref reader);
        return reply;
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteAddress(Source);
        writer.WriteByte(TimeToLive);
        writer.WriteUInt16(Identifier);
        writer.WriteUInt16(Sequence);
        writer.WriteBytes("Data", Data.Span, RwsLimits.EchoData);
    }
}

/// <summary>An echo request came to nothing, and somebody said why: a router outside, or the firewall itself.</summary>
/// <param name="Reporter">Who says so.</param>
/// <param name="Type">Of the ICMP error, as it came: 3 unreachable, 11 time exceeded (ICMPv6: 1, 2, 3).</param>
/// <param name="Code">Of the ICMP error.</param>
/// <param name="Info">What the error's second word holds; for "fragmentation needed" the next hop's MTU.</param>
/// <param name="Destination">That of the request.</param>
/// <param name="Identifier">The program's.</param>
/// <param name="Sequence">The program's.</param>
/// <param name="Sentence">For a person who reads the log.</param>
public sealed record EchoError(
    IPAddress Reporter, byte Type, byte Code, uint Info, IPAddress Destination, ushort Identifier, ushort Sequence, string Sentence) : RwsMessage
{
    public override OpCode OpCode => OpCode.EchoError;

    public override bool FromFirewall => true;

    public override string Describe() =>
        $"RWS:{Id} Echo error to {Application} from {Reporter}; ICMP {Type}/{Code} for {Destination}, identifier 0x{Identifier:X4}, sequence {Sequence}"
        + (Sentence.Length > 0 ? $": {Sentence}" : "");

    //  Reporter      address
    //  Type          u8
    //  Code          u8
    //  Info          u32
    //  Destination   address
    //  Identifier    u16
    //  Sequence      u16
    //  Sentence      string16
    //  tagged fields
    internal static EchoError ReadBody(ref RwsReader reader)
    {
        var error = new EchoError(
            reader.ReadAddress("Reporter"), reader.ReadByte("Type"), reader.ReadByte("Code"), reader.ReadUInt32("Info"), reader.ReadAddress("Destination"),
            reader.ReadUInt16("Identifier"), reader.ReadUInt16("Sequence"), reader.ReadString("Sentence", RwsLimits.Sentence));
        _ = TaggedFields.Read(ref reader);
        return error;
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteAddress(Reporter);
        writer.WriteByte(Type);
        writer.WriteByte(Code);
        writer.WriteUInt32(Info);
        writer.WriteAddress(Destination);
        writer.WriteUInt16(Identifier);
        writer.WriteUInt16(Sequence);
        writer.WriteSentence(Sentence);
    }
}
