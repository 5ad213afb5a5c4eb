using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>
/// An object, or one mapping of it, is over; not answered. The client says so when the program is done with a socket, the firewall when it can not keep one.
/// The last bytes of a connection travel on the connection itself: Close frees what stands behind it.
/// </summary>
/// <param name="Reason">Why, for logs; empty for the ordinary end.</param>
public sealed record Close(string Reason, bool IsFromFirewall) : RwsMessage
{
    public override OpCode OpCode => OpCode.Close;

    public override bool FromFirewall => IsFromFirewall;

    public override string Describe() =>
        $"RWS:{Id} Close {(IsFromFirewall ? "to" : "from")} {Application}{(Reason.Length == 0 ? "" : $": {Reason}")}";

    //  Reason   string16
    //  tagged fields
    internal static Close ReadBody(ref RwsReader reader, bool fromFirewall)
    {
        var reason = reader.ReadString("Reason", RwsLimits.Sentence);
        _ = TaggedFields.Read(ref reader);
        return new Close(reason, fromFirewall);
    }

    internal override void WriteBody(RwsWriter writer) => writer.WriteSentence(Reason);
}
