namespace FwRedirect.ControlChannel.Status;

/// <summary>Bounds of the status endpoint, each with its reason.</summary>
internal static class StatusLimits
{
    /// <summary>A request line and a browser's or curl's headers have some hundred bytes.</summary>
    public const int Request = 8 * 1024;

    /// <summary>Who asks at once: a person, a monitor, a test. The next one waits.</summary>
    public const int Conversations = 8;

    /// <summary>From the connection to the whole request: both ends are on one machine.</summary>
    public static readonly TimeSpan Ask = TimeSpan.FromSeconds(5);

    /// <summary>For the answer to be read: a hundred thousand flows are some 40 MB.</summary>
    public static readonly TimeSpan Answer = TimeSpan.FromSeconds(60);

    /// <summary>fwdiag waits no longer for the beginning of an answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>After an accept that failed (no descriptor is left): keeps the loop from spinning.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
}
