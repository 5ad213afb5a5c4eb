using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Checks.Linux;

/// <summary>A part of the kernel: opened as the service does, and closed.</summary>
/// <param name="advice">What may help where the kernel refuses; the refusal's own words come before it.</param>
[SupportedOSPlatform("linux")]
internal sealed class OpenCheck(string name, string advice, bool privileged, Func<IDisposable> open) : IMachineCheck
{
    public string Name => name;

    public CheckResult Look()
    {
        if (!privileged)
            return CheckResult.NotTried("only root can open it");
        try
        {
            using (open())
                return CheckResult.Good("to be had");
        }
        catch (IOException failure)
        {
            return CheckResult.Wrong($"{failure.Message}; {advice}");
        }
    }
}
