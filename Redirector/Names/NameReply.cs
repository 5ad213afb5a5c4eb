namespace FwRedirect.Redirector.Names;

/// <summary>A DNS answer that is ready, and who gets it.</summary>
internal readonly record struct NameReply(NameQueryOrigin Origin, byte[] Message);
