using FwRedirect.Redirector.Installation;

namespace FwRedirect.Tests.Redirector.Installation;

/// <summary>A keeper of services with one service, whose states are scripted: each look takes the next, the last one stays.</summary>
internal sealed class FakeServiceControl(params ServiceReport[] reports) : IServiceControl
{
    private int _looks;

    public List<string> Log { get; } = [];

    public ServiceDefinition? Installed { get; private set; }

    /// <summary>What is looked at once start or stop was asked for.</summary>
    public ServiceReport[] AfterAsking { get; init; } = [];

    public ServiceReport Read()
    {
        var script = Log.Count > 0 && AfterAsking.Length > 0 ? AfterAsking : reports;
        return script[Math.Min(_looks++, script.Length - 1)];
    }

    public void Install(ServiceDefinition service)
    {
        Installed = service;
        Log.Add("install");
    }

    public void Uninstall() => Ask("uninstall");

    public void Start() => Ask("start");

    public void Stop() => Ask("stop");

    private void Ask(string what)
    {
        Log.Add(what);
        _looks = 0;
    }
}
