namespace FwRedirect.Lab.Load;

/// <summary>A connection that stood and was lost.</summary>
/// <param name="Kind">stream or idle.</param>
/// <param name="Error">The socket's error; "end" for an orderly end, "changed" for bytes that came back as others.</param>
/// <param name="At">When the program knew it.</param>
internal sealed record LoadBreak(string Kind, string Error, DateTimeOffset At);
