namespace FwRedirect.FirewallHost.Relay;

/// <summary>How a relay went.</summary>
/// <param name="EndedBy">Who caused it; for <see cref="RelayEnd.Completed"/> who sent the first FIN.</param>
/// <param name="BytesOut">Delivered from inside to outside.</param>
/// <param name="BytesIn">Delivered from outside to inside.</param>
internal sealed record RelayResult(RelayEnd End, RelaySide EndedBy, long BytesOut, long BytesIn);
