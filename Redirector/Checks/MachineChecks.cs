namespace FwRedirect.Redirector.Checks;

/// <summary>Looks at all of them, a line each: an administrator sees everything that is wrong at once.</summary>
internal static class MachineChecks
{
    /// <returns>Whether nothing is wrong.</returns>
    public static bool Run(IEnumerable<IMachineCheck> checks, TextWriter output)
    {
        var good = true;
        foreach (var check in checks)
        {
            var (outcome, text) = Look(check);
            good &= outcome != CheckOutcome.Wrong;
            var mark = outcome switch { CheckOutcome.Good => "ok", CheckOutcome.Wrong => "wrong", _ => "-" };
            output.WriteLine($"{mark,-5}  {check.Name}: {text}");
        }

        return good;
    }

    private static CheckResult Look(IMachineCheck check)
    {
        try
        {
            return check.Look();
        }
        catch (Exception failure)
        {
            return CheckResult.Wrong(failure.Message);
        }
    }
}
