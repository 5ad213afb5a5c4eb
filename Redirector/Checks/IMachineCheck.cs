namespace FwRedirect.Redirector.Checks;

/// <summary>One thing that the service needs of the machine. Looks, and leaves the machine as it was. What it throws is shown as its finding.</summary>
internal interface IMachineCheck
{
    string Name { get; }

    CheckResult Look();
}
