namespace FwRedirect.ControlChannel.Authentication;

/// <summary>The three legs of NTLM; the values are those of MessageType in MS-NLMP 2.2.1.</summary>
public enum NlmpMessageType
{
    Negotiate = 1,
    Challenge = 2,
    Authenticate = 3,
}
