using FwRedirect.Lab.Network;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>The firewall's machine gets an address while fwhost runs.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class FirewallAddressTests : SharedLab<FirewallAddressTests>
{
    protected override LabIPv6 IPv6 => LabIPv6.Firewall;

    protected override void NeedPrograms() => NeedServices();

    /// <summary>Through the firewall nobody comes to the firewall itself.</summary>
    [TestMethod]
    [DataRow("131.107.0.80", "24", "131.107.0.80")]
    [DataRow("2001:db8:2::80", "64", "[2001:db8:2::80]")]
    public async Task A_new_address_is_a_local_destination(string address, string length, string host)
    {
        (await Road.Network.Firewall.RunAsync("ip", ["address", "add", $"{address}/{length}", "dev", "outside"], cancellation: Cancellation)).OrThrow();
        await Until.TrueAsync(IsDeniedAsync, () => $"{address} is not taken for the firewall's own", Cancellation);

        async Task<bool> IsDeniedAsync()
        {
            Assert.AreEqual(7, (await CurlAsync(Road, $"http://{host}:81/")).ExitCode);
            string[] lines = await File.ReadAllLinesAsync(Road.FirewallProgram.AccessLogFile, Cancellation);
            return lines.Any(line => line.Contains($"\t{address}\t81\t", StringComparison.Ordinal) && line.Contains("\tDenied\tLocal destinations\t", StringComparison.Ordinal));
        }
    }
}
