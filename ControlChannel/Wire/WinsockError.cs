namespace FwRedirect.ControlChannel.Wire;

/// <summary>Winsock's error codes, by its names and numbers: what an error reply carries, and what a program is told in the end.</summary>
public enum WinsockError
{
    None = 0,
    WSAEACCES = 10013,
    WSAEINVAL = 10022,
    WSAEMSGSIZE = 10040,
    WSAEOPNOTSUPP = 10045,
    WSAEADDRINUSE = 10048,
    WSAEADDRNOTAVAIL = 10049,
    WSAENETDOWN = 10050,
    WSAENETUNREACH = 10051,
    WSAECONNABORTED = 10053,
    WSAECONNRESET = 10054,
    WSAENOBUFS = 10055,
    WSAETIMEDOUT = 10060,
    WSAECONNREFUSED = 10061,
    WSAEHOSTUNREACH = 10065,
    WSAVERNOTSUPPORTED = 10092,
    WSAHOST_NOT_FOUND = 11001,
    WSATRY_AGAIN = 11002,
    WSANO_RECOVERY = 11003,
    WSANO_DATA = 11004,
}
