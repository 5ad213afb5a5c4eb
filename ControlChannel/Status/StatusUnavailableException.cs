namespace FwRedirect.ControlChannel.Status;

/// <summary>A service could not be asked, or the place where it could be asked could not be opened; the message is for a person.</summary>
internal sealed class StatusUnavailableException(string message, bool isAbsent = false, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Nothing is there at all: the service does not run here, or elsewhere.</summary>
    public bool IsAbsent { get; } = isAbsent;
}
