using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;

namespace FwRedirect.Tests.EndToEnd;

[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class LogonTests : LabTest
{
    [TestMethod]
    public async Task A_wrong_password_refuses_the_session_says_so_on_both_sides_and_makes_no_flow()
    {
        NeedServices();
        await using LabRoad road = await LabRoad.OpenAsync(Mode, password: "not-the-password", cancellation: Cancellation);
        CommandResult result = await CurlAsync(road, "--max-time", "10", $"http://{LabAddresses.Server}/");
        TestContext.WriteLine(road.Log());

        Assert.AreNotEqual(0, result.ExitCode);
        Assert.IsFalse(HasFlow(road), "the server was reached without a logon");
        foreach (LabProcess program in new[] { road.Firewall!, road.Redirector! })
        {
            Assert.IsTrue(
                program.Lines.Any(line => Says(line) && line.Contains(Account.Alice.Name, StringComparison.Ordinal)),
                $"{program.Name} does not say that the logon was refused, and whose\n{program.Log()}");
            Assert.IsFalse(program.Lines.Any(line => line.Contains("not-the-password", StringComparison.Ordinal)), $"{program.Name} prints the password");
        }
    }

    private static bool Says(string line) =>
        new[] { "refused", "not accept", "denied", "failed", "failure", "rejected" }.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase))
        && new[] { "logon", "password", "authentic" }.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>/proc/PID/net/tcp of the firewall: a connection in any state to the server's port 80, as the kernel writes it.</summary>
    private static bool HasFlow(LabRoad road)
    {
        const string Server = "15006B83:0050"; // 131.107.0.21:80, the address in the byte order of a little-endian machine
        return File.ReadLines($"/proc/{road.Firewall!.Id}/net/tcp").Any(line => line.Contains($" {Server} ", StringComparison.Ordinal));
    }
}
