using FwRedirect.ControlChannel.Status;

namespace FwRedirect.FirewallHost.Status;

/// <summary>What the sessions hold for their clients beside TCP connections.</summary>
internal interface IHeldObjects : ICounted
{
    IEnumerable<FlowStatus> Peers();

    IEnumerable<BindingStatus> Bindings();
}
