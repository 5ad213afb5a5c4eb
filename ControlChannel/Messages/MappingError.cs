using System.Net;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>
/// The network outside answered a UDP datagram with an error (ICMP): what the program shall see of it. The mapping lives on (RFC 4787, REQ-12). It is named as in Close: by the
/// id of its Connect, or by the bound socket's id and the mapping's number.
/// </summary>
/// <param name="Error">WSAECONNREFUSED: nobody listens on the peer's port; else the network's own reason.</param>
/// <param name="Peer">To whom the datagram was.</param>
/// <param name="Sentence">For a person who reads the log.</param>
public sealed record MappingError(WinsockError Error, IPEndPoint Peer, string Sentence) : RwsMessage
{
    /// <summary>With WSAEMSGSIZE: the largest packet, IP header and all, that reaches the peer in one piece; null where nobody says it.</summary>
    public uint? PathMtu { get; init; }

    public override OpCode OpCode => OpCode.MappingError;

    public override bool FromFirewall => true;

    public override string Describe() => $"RWS:{Id} Mapping error to {Application}; {Peer.Slash()}: {(int)Error} {Error}: {Sentence}";

    //  Error      u32
    //  Peer       endpoint
    //  Sentence   string16
    //  tagged fields: PathMtu
    internal static MappingError ReadBody(ref RwsReader reader)
    {
        var error = (WinsockError)reader.ReadUInt32("Error");
        var (peer, sentence) = (reader.ReadEndpoint("Peer"), reader.ReadString("Sentence", RwsLimits.Sentence));
        return new MappingError(error, peer, sentence) { PathMtu = TaggedFields.Read(ref reader).PathMtu };
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteUInt32((uint)Error);
        writer.WriteEndpoint(Peer);
        writer.WriteSentence(Sentence);
        if (PathMtu is { } mtu)
            writer.WriteTag(FieldTag.PathMtu, mtu);
    }
}
