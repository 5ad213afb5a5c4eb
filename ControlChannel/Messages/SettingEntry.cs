namespace FwRedirect.ControlChannel.Messages;

/// <summary>One application setting, in the words in which administrators write it.</summary>
/// <param name="Application">File name or path of an executable; "*" for every program.</param>
/// <param name="Key">Such as DontRemoteOutboundTcpPorts. A reader leaves out what it does not know.</param>
/// <param name="Value">Such as 3127-3198.</param>
public sealed record SettingEntry(string Application, string Key, string Value);
