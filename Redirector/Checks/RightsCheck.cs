namespace FwRedirect.Redirector.Checks;

/// <summary>Root, or an elevated administrator.</summary>
internal sealed class RightsCheck(bool privileged, string advice) : IMachineCheck
{
    public string Name => "rights";

    public CheckResult Look() => privileged ? CheckResult.Good("this process may do what the service has to") : CheckResult.Wrong(advice);
}
