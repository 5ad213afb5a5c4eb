using System.ComponentModel;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Windows;

/// <summary>What the system's error codes mean when they come from WinDivert, and what an operator does about each.</summary>
[SupportedOSPlatform("windows")]
internal static class WinDivertErrors
{
    /// <summary>The advice, and behind it the code; the system's own words for a code that WinDivert is not known to give.</summary>
    public static string Text(int code) => $"{Advice(code) ?? System(code)} (error {code})";

    private static string? Advice(int code) => code switch
    {
        2 => "WinDivert64.sys is missing beside WinDivert.dll; antivirus software often takes it away: put it back and exclude the folder from scanning",
        3 => "a \"WinDivert\" driver service of another product points to a folder that is gone; run \"sc stop WinDivert\" and \"sc delete WinDivert\", or restart the computer",
        5 => "access is denied: run it elevated, as an administrator or as LocalSystem; if it is, the path of the \"WinDivert\" driver service may be damaged: \"sc delete WinDivert\"",
        0 or 6 => "the handle was never opened; this is a mistake in fwredirect",
        87 => "the filter, a flag or the priority is wrong, or a packet is malformed",
        122 => "a packet is longer than the buffer, or shorter than its IP header says",
        161 => "the path of the folder with WinDivert64.sys is too long; install to a shorter one",
        232 => "the handle was shut down",
        433 => "the driver is stopping because somebody ended it while it was in use; try again in a moment",
        577 => "Windows does not accept the signature of WinDivert64.sys: the file is changed, too old, or its certificate was revoked; put back the file of WinDivert 2.2.2-A and install the updates of Windows",
        592 => "loading WinDivert64.sys was refused: a security product blocks it, or the file is damaged",
        654 => "a WinDivert driver of another version is still in memory; close the other product that uses it, or restart the computer",
        995 => "the handle was closed while it was being read",
        1058 => "the driver was stopped while it was in use; run \"sc stop WinDivert\" once more, or restart the computer",
        1060 => "the \"WinDivert\" driver service is not installed",
        1062 => "the \"WinDivert\" driver service is not running",
        1072 => "the old entry of the \"WinDivert\" driver service is about to go; try again in a moment",
        1214 or 1231 or 1233 => "the packet can not be sent that way: its interface is gone, or its direction does not fit its addresses",
        1232 => "the packet's time to live ran out: another driver sends our packets back to us",
        1275 => "Windows or a security product blocks the driver: the vulnerable-driver blocklist, a rule against drivers of this kind, or S mode; allow WinDivert64.sys there",
        1753 => "the Base Filtering Engine is not running; set the service BFE to automatic and start it",
        _ => null,
    };

    private static string System(int code) => new Win32Exception(code).Message;
}
