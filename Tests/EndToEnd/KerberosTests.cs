using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>fwredirect logs on to fwhost with Kerberos, against a real KDC: the firewall knows the person, and neither side has the other's password.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class KerberosTests : LabTest
{
    [TestMethod]
    [DataRow(true, DisplayName = "with the tickets of the account that it runs as")]
    [DataRow(false, DisplayName = "with a configured password")]
    public async Task The_firewall_knows_alice(bool ownTickets)
    {
        NeedServices();
        await using KerberosRoad road = await KerberosRoad.OpenAsync(ownTickets, KerberosServer.ServicePrincipalName, Cancellation);
        CommandResult page = await road.GetPageAsync(Cancellation);
        TestContext.WriteLine(road.Log());

        Assert.AreEqual(WebServer.IndexText, page.Output);
        Assert.Contains($"knows it as '{KerberosServer.User}'", road.Redirector.Log());
        Assert.Contains($"curl of {KerberosServer.User} from", road.Firewall.Log());
        Assert.DoesNotContain(KerberosServer.Password, road.Log());
    }

    /// <summary>Whoever has taken the firewall's address does not have its key: no ticket, no logon, no flow.</summary>
    [TestMethod]
    public async Task A_firewall_that_is_not_the_one_that_is_asked_for_is_not_logged_on_to()
    {
        NeedServices();
        await using KerberosRoad road = await KerberosRoad.OpenAsync(ownTickets: true, "HOST/other.lab.test", Cancellation);
        CommandResult page = await road.GetPageAsync(Cancellation);
        TestContext.WriteLine(road.Log());

        Assert.AreNotEqual(0, page.ExitCode);
        Assert.Contains("could not be carried out on this computer", road.Redirector.Log());
    }
}
