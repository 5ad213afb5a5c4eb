using FwRedirect.ControlChannel.Session;
using FwRedirect.Redirector.Firewall;

namespace FwRedirect.Tests.Redirector.Firewall;

[TestClass]
public sealed class FirewallHealthTests
{
    private const double Middle = 0.5;

    private readonly FirewallHealth _health = new();

    [TestMethod]
    public void WhoIsThereIsNotProbed()
    {
        Assert.IsFalse(_health.IsProbeDue(1_000_000) || _health.IsProbeWorthIt(1_000_000));
        _health.Reached(1000);
        Assert.IsFalse(_health.IsProbeDue(1_000_000) || _health.IsProbeWorthIt(1_000_000));
    }

    [TestMethod]
    public void ProbesComeAtGrowingPausesUpToTheLongest()
    {
        long now = 1000;
        List<long> pauses = [];
        for (var i = 0; i < 8; i++)
        {
            _health.Failed(now, Middle);
            var failed = now;
            while (!_health.IsProbeDue(now))
                now += 10;
            pauses.Add(now - failed);
        }

        CollectionAssert.AreEqual(new long[] { 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000 }, pauses);
    }

    /// <summary>A process that hangs takes connections; it is not to be tried every half second for that.</summary>
    [TestMethod]
    public void OnlyAnOpenChannelForgetsTheFailures()
    {
        long now = 0;
        for (var i = 0; i < 5; i++)
            _health.Failed(now, Middle);
        _health.Reached(now);
        _health.Failed(now, Middle);
        Assert.IsFalse(_health.IsProbeDue(now + 9_990));
        _health.Opened(now);
        _health.Failed(now, Middle);
        Assert.IsTrue(_health.IsProbeDue(now + 500));
    }

    [TestMethod]
    public void WhoNeedsItMakesItLookedForButNotAgainAndAgain()
    {
        for (var i = 0; i < 5; i++)
            _health.Failed(0, Middle);
        Assert.IsFalse(_health.IsProbeWorthIt(999));
        Assert.IsTrue(_health.IsProbeWorthIt(1000));
    }

    [TestMethod]
    public void AnotherNetworkBeginsAnew()
    {
        for (var i = 0; i < 5; i++)
            _health.Failed(0, Middle);
        _health.Forget(5);
        Assert.IsTrue(_health.IsProbeDue(5));
        _health.Failed(5, Middle);
        Assert.IsTrue(_health.IsProbeDue(505));
    }

    [TestMethod]
    public void ChanceSpreadsThePausesByAFifth()
    {
        var backOff = new BackOff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4));
        Assert.AreEqual(0.8, backOff.Next(0).TotalSeconds, 0.001);
        Assert.AreEqual(2.4, backOff.Next(1).TotalSeconds, 0.001);
        Assert.AreEqual(4.8, backOff.Next(1).TotalSeconds, 0.001);
        Assert.AreEqual(4.8, backOff.Next(1).TotalSeconds, 0.001);
        backOff.Reset();
        Assert.AreEqual(1, backOff.Next(Middle).TotalSeconds, 0.001);
    }
}
