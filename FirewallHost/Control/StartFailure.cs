namespace FwRedirect.FirewallHost.Control;

/// <summary>A step of the start failed; one sentence with the step's number.</summary>
internal sealed class StartFailure(int step, string name, string sentence, Exception? inner = null)
    : Exception($"start step {step} ({name}) failed: {sentence}", inner);
