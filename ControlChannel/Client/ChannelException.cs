using FwRedirect.ControlChannel.Session;

namespace FwRedirect.ControlChannel.Client;

/// <summary>A channel did not open.</summary>
public sealed class ChannelException(SessionEnd end) : Exception(end.Sentence)
{
    public SessionEnd End { get; } = end;
}
