using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>The firewall will keep the session's objects for a while when its connection is lost, and this is how the client comes back to them.</summary>
/// <param name="Session">The session's number.</param>
/// <param name="Secret">What the proof is made with; it never goes over another connection, and into no log.</param>
/// <param name="Grace">How long the firewall waits for the client.</param>
public sealed record SessionTicket(uint Session, ReadOnlyMemory<byte> Secret, TimeSpan Grace) : RwsMessage
{
    public override OpCode OpCode => OpCode.SessionTicket;

    public override bool FromFirewall => true;

    public override string Describe() => $"RWS:Session ticket to {Application}: 0x{Session:X}, kept for {Grace.TotalSeconds} s";

    //  Session        u32
    //  Secret         bytes16, 32 bytes
    //  GraceSeconds   u32
    //  tagged fields
    internal static SessionTicket ReadBody(ref RwsReader reader)
    {
        var session = reader.ReadUInt32("Session");
        var secret = ResumeSecret.ReadCounted(ref reader, "Secret");
        var grace = reader.ReadUInt32("GraceSeconds");
        if (grace > RwsLimits.ResumeGraceSeconds)
            RwsFormatException.ThrowValue("GraceSeconds", $"{grace}", $"at most {RwsLimits.ResumeGraceSeconds}");
        _ = TaggedFields.Read(ref reader);
        return new SessionTicket(session, secret, TimeSpan.FromSeconds(grace));
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteUInt32(Session);
        writer.WriteBytes("Secret", Secret.Span, RwsLimits.ResumeSecret);
        writer.WriteUInt32((uint)Grace.TotalSeconds);
    }
}

/// <summary>The client is back on a new connection and wants its session.</summary>
/// <param name="Session">Its number.</param>
/// <param name="Received">How many numbered messages of the firewall it has read.</param>
/// <param name="Proof">That it knows the secret.</param>
public sealed record Resume(uint Session, uint Received, ReadOnlyMemory<byte> Proof) : RwsMessage
{
    public override OpCode OpCode => OpCode.Resume;

    public override string Describe() => $"RWS:Resume from {Application}: session 0x{Session:X}, {Received} messages received";

    //  Session    u32
    //  Received   u32
    //  Proof      bytes16, 32 bytes
    //  tagged fields
    internal static Resume ReadBody(ref RwsReader reader)
    {
        var session = reader.ReadUInt32("Session");
        var received = reader.ReadUInt32("Received");
        var proof = ResumeSecret.ReadCounted(ref reader, "Proof");
        _ = TaggedFields.Read(ref reader);
        return new Resume(session, received, proof);
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteUInt32(Session);
        writer.WriteUInt32(Received);
        writer.WriteBytes("Proof", Proof.Span, RwsLimits.ResumeSecret);
    }
}

/// <summary>The client has its session again; what either side has not read follows.</summary>
/// <param name="Received">How many numbered messages of the client the firewall has read.</param>
/// <param name="Proof">That this is the firewall that gave the secret.</param>
public sealed record Resumed(uint Received, ReadOnlyMemory<byte> Proof) : RwsMessage
{
    public override OpCode OpCode => OpCode.Resumed;

    public override bool FromFirewall => true;

    public override OpCode? AnswersTo => OpCode.Resume;

    public override string Describe() => $"RWS:Resumed to {Application}: {Received} messages received";

    //  Received   u32
    //  Proof      bytes16, 32 bytes
    //  tagged fields
    internal static Resumed ReadBody(ref RwsReader reader)
    {
        var received = reader.ReadUInt32("Received");
        var proof = ResumeSecret.ReadCounted(ref reader, "Proof");
        _ = TaggedFields.Read(ref reader);
        return new Resumed(received, proof);
    }

    internal override void WriteBody(RwsWriter writer)
    {
        writer.WriteUInt32(Received);
        writer.WriteBytes("Proof", Proof.Span, RwsLimits.ResumeSecret);
    }
}

/// <summary>So many numbered messages have been read: the sender need not keep them for a resume.</summary>
public sealed record Acknowledge(uint Received, bool IsFromFirewall) : RwsMessage
{
    public override OpCode OpCode => OpCode.Acknowledge;

    public override bool FromFirewall => IsFromFirewall;

    public override string Describe() => $"RWS:Acknowledge {(IsFromFirewall ? "to" : "from")} {Application}: {Received} messages received";

    //  Received   u32
    //  tagged fields
    internal static Acknowledge ReadBody(ref RwsReader reader, bool fromFirewall)
    {
        var received = reader.ReadUInt32("Received");
        _ = TaggedFields.Read(ref reader);
        return new Acknowledge(received, fromFirewall);
    }

    internal override void WriteBody(RwsWriter writer) => writer.WriteUInt32(Received);
}

/// <summary>The session is over by its sender's will: nobody comes back to it, and nothing of it is kept.</summary>
/// <param name="Reason">Why, for logs.</param>
public sealed record EndOfSession(string Reason, bool IsFromFirewall) : RwsMessage
{
    public override OpCode OpCode => OpCode.EndOfSession;

    public override bool FromFirewall => IsFromFirewall;

    public override string Describe() => $"RWS:End of session {(IsFromFirewall ? "to" : "from")} {Application}{(Reason.Length == 0 ? "" : $": {Reason}")}";

    //  Reason   string16
    //  tagged fields
    internal static EndOfSession ReadBody(ref RwsReader reader, bool fromFirewall)
    {
        var reason = reader.ReadString("Reason", RwsLimits.Sentence);
        _ = TaggedFields.Read(ref reader);
        return new EndOfSession(reason, fromFirewall);
    }

    internal override void WriteBody(RwsWriter writer) => writer.WriteSentence(Reason);
}
