using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>WinDivert refused something; the message is for an operator.</summary>
[SupportedOSPlatform("windows")]
internal sealed class WinDivertException(int code, string what) : IOException($"{what}: {WinDivertErrors.Text(code)}")
{
    /// <summary>The system's error code.</summary>
    public int Code { get; } = code;
}
