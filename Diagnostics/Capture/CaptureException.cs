namespace FwRedirect.Diagnostics.Capture;

/// <summary>Capturing is not possible. The message is a sentence for the user and says what to do.</summary>
internal sealed class CaptureException(string message, Exception? inner = null) : Exception(message, inner);
