using System.Runtime.Versioning;
using FwRedirect.Redirector.Processes.Windows;

namespace FwRedirect.Tests.Redirector.Processes.Windows;

[TestClass]
[SupportedOSPlatform("windows")]
public sealed class PersonalAccountsTests
{
    [TestMethod]
    [DataRow("S-1-5-21-397955417-626881126-188441444-1010", true, DisplayName = "domain or machine")]
    [DataRow("S-1-12-1-1343024091-1165234109-3036430475-129862540", true, DisplayName = "Entra ID")]
    [DataRow("S-1-5-18", false, DisplayName = "LocalSystem")]
    [DataRow("S-1-5-19", false, DisplayName = "LocalService")]
    [DataRow("S-1-5-20", false, DisplayName = "NetworkService")]
    [DataRow("S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464", false, DisplayName = "a service")]
    [DataRow("S-1-5-82-3006700770-424185619-1745488364-794895919-4004696415", false, DisplayName = "an application pool")]
    [DataRow("S-1-5-90-0-1", false, DisplayName = "window manager")]
    public void PeopleAreToldFromServices(string sid, bool isPerson) => Assert.AreEqual(isPerson, PersonalAccounts.Includes(sid));
}
