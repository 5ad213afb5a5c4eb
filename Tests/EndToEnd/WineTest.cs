using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Wine;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>
/// A test of the win-x64 build, run by Wine with the stand-in for the driver (tools/windivert-standin). It proves the program and its calls, neither the
/// driver nor Windows.
/// </summary>
public abstract class WineTest : LabTest
{
    [TestInitialize]
    public void NeedWine()
    {
        NeedServices();
        if (WineFiles.Missing() is { } reason) Assert.Inconclusive(reason);
    }

    /// <summary>The line of a program's output that begins so, without the beginning.</summary>
    protected static string Line(CommandResult result, string beginning)
    {
        string? line = result.Output.Split('\n', StringSplitOptions.TrimEntries).FirstOrDefault(line => line.StartsWith(beginning, StringComparison.Ordinal));
        Assert.IsNotNull(line, $"no line begins with '{beginning}'\n{result}");
        return line[beginning.Length..].Trim();
    }
}
