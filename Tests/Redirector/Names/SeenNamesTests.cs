using System.Net;
using FwRedirect.Redirector.Names;

namespace FwRedirect.Tests.Redirector.Names;

[TestClass]
public sealed class SeenNamesTests
{
    private static readonly IPAddress Address = IPAddress.Parse("131.107.0.21");
    private readonly SeenNames _seen = new();

    [TestMethod]
    public void AProgramsOwnNameCountsBeforeAnothers()
    {
        _seen.Remember("curl", "www.contoso.com", [Address], 60, 0);
        _seen.Remember("ftp", "ftp.contoso.com", [Address], 60, 0);
        Assert.AreEqual("www.contoso.com", _seen.Find("curl", Address, 1));
        Assert.AreEqual("ftp.contoso.com", _seen.Find("wget", Address, 1), "asked for by a service of the system");
        Assert.IsNull(_seen.Find("curl", IPAddress.Parse("131.107.0.22"), 1));
    }

    [TestMethod]
    public void ANameIsForgottenAfterItsLifetimeAndTheGrace()
    {
        _seen.Remember("curl", "www.contoso.com", [Address], 60, 0);
        Assert.IsNotNull(_seen.Find("curl", Address, 60_000 + NameLimits.SeenGrace - 1));
        Assert.IsNull(_seen.Find("curl", Address, 60_000 + NameLimits.SeenGrace));
    }

    [TestMethod]
    public void TheTableIsBounded()
    {
        for (var i = 0; i < NameLimits.MostSeen; i++)
            _seen.Remember("curl", $"n{i}.example", [new IPAddress(i)], 60, 0);
        Assert.AreEqual(NameLimits.MostSeen, _seen.Count);
        Assert.IsNull(_seen.Find("curl", new IPAddress(0), 1));
        Assert.IsNotNull(_seen.Find("curl", new IPAddress(NameLimits.MostSeen - 1), 1));
    }
}
