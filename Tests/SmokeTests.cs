namespace FwRedirect.Tests;

[TestClass]
public sealed class SmokeTests
{
    [TestMethod]
    public void TestsRun() => Assert.AreEqual(4, 2 + 2);
}
