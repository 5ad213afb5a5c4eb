namespace FwRedirect.Redirector.Service;

/// <summary>The steps of the start, in order; the number of the one that failed is in the message and is the exit code.</summary>
internal enum StartStep
{
    Configuration = 10,
    Recovery = 11,
    Firewall = 12,
    LocalNetworks = 13,
    SocketEvents = 14,
    Route = 15,
    Diversion = 16,
    Status = 17,
}
