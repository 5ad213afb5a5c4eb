namespace FwRedirect.Redirector.Engine;

/// <summary>Where a flow is in its life. <see cref="FlowLifecycle"/> has the transitions.</summary>
internal enum FlowState : byte
{
    /// <summary>The SYN is held; the firewall has been asked and has not answered.</summary>
    Pending,

    /// <summary>The firewall will connect to a program here; its SYN has not come.</summary>
    Announced,

    /// <summary>Packets are translated; the handshake is not complete. UDP: only one side has spoken.</summary>
    Opening,

    /// <summary>Both sides have acknowledged the other. UDP: both have spoken.</summary>
    Established,

    /// <summary>One side has sent FIN; the other may go on for as long as it likes.</summary>
    HalfClosed,

    /// <summary>Both sides have sent FIN; an acknowledgement is missing.</summary>
    Closing,

    /// <summary>Has ended and was reported; late packets are still translated for a moment.</summary>
    Over,

    /// <summary>The firewall said no; the same SYN, repeated, gets the same answer.</summary>
    Refused,

    /// <summary>UDP: goes as if there were no redirector; the firewall is asked again after a while.</summary>
    Direct,

    /// <summary>Cut from our side; what still comes is answered with RST.</summary>
    Aborted,

    /// <summary>Not in the table any more.</summary>
    Forgotten,
}
