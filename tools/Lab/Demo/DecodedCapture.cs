using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Product;

namespace FwRedirect.Lab.Demo;

/// <summary>What `fwdiag decode` prints for one capture, or for several merged by time.</summary>
internal sealed record DecodedCapture(IReadOnlyList<string> Lines)
{
    public static async Task<DecodedCapture> DecodeAsync(IReadOnlyList<string> files, CancellationToken cancellation)
    {
        CommandResult result = (await new LabCommand(Executables.Diagnostics, ["decode", .. files]).RunAsync(cancellation)).OrThrow();
        return new DecodedCapture(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    public override string ToString() => string.Join('\n', Lines);
}
