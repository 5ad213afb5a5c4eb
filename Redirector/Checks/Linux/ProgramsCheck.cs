using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Checks.Linux;

/// <summary>The programs that set rules and routes.</summary>
/// <param name="has">Whether the machine has a program of this name.</param>
[SupportedOSPlatform("linux")]
internal sealed class ProgramsCheck(Func<string, bool> has) : IMachineCheck
{
    private static readonly string[] Programs = ["iptables-save", "iptables-restore", "ip"];

    public string Name => "programs";

    public CheckResult Look()
    {
        var missing = Programs.Where(program => !has(program)).ToArray();
        return missing.Length == 0
            ? CheckResult.Good(string.Join(", ", Programs))
            : CheckResult.Wrong($"missing: {string.Join(", ", missing)}; install the packages iptables and iproute2");
    }
}
