namespace FwRedirect.ControlChannel.Session;

/// <summary>The first reason for which a session ended; later ones do not replace it.</summary>
/// <param name="Kind">For code.</param>
/// <param name="Sentence">For a person: what happened, with the field or the peer named.</param>
public sealed record SessionEnd(SessionEndKind Kind, string Sentence)
{
    public override string ToString() => Sentence;
}
