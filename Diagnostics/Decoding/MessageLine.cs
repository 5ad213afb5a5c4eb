using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>A message that a stream carried: its protocol's name, its line, and the message itself where it is one of the control channel.</summary>
internal readonly record struct MessageLine(string Protocol, string Text, RwsMessage? Rws = null);
