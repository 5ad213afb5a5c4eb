namespace FwRedirect.Redirector.Installation;

/// <summary>The system refused; the message is what an operator reads.</summary>
internal sealed class ServiceControlException(string message) : Exception(message);
