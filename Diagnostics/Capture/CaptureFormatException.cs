namespace FwRedirect.Diagnostics.Capture;

/// <summary>The file is not a capture. The message is a sentence for the user and names the file.</summary>
internal sealed class CaptureFormatException(string message) : Exception(message);
