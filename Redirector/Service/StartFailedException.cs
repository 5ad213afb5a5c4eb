namespace FwRedirect.Redirector.Service;

/// <summary>A step of the start failed: what an operator reads, without a stack trace.</summary>
internal sealed class StartFailedException(StartStep step, string reason)
    : Exception($"error {(int)step} ({step}): {reason}")
{
    public StartStep Step { get; } = step;
}
