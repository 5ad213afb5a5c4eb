using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.Redirector.Diversion.Windows;

[TestClass]
[SupportedOSPlatform("windows")]
public sealed class PacketAgesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly PacketAges _ages;

    public PacketAgesTests() => _ages = new PacketAges(_time);

    [TestMethod]
    public void AWindowTellsItsLargestAndWhat99Of100StayedUnder()
    {
        for (var i = 0; i < 990; i++)
            Note(TimeSpan.FromMicroseconds(100));
        for (var i = 0; i < 9; i++)
            Note(TimeSpan.FromMilliseconds(3));
        Note(TimeSpan.FromMilliseconds(40));
        Assert.AreEqual(TimeSpan.FromMilliseconds(40), _ages.Max);
        Close();
        Assert.AreEqual(TimeSpan.FromMilliseconds(40), _ages.Max);
        Assert.AreEqual(TimeSpan.FromMicroseconds(128), _ages.Percentile99);

        for (var i = 0; i < 50; i++)
            Note(TimeSpan.FromMilliseconds(3));
        Close();
        Assert.AreEqual(TimeSpan.FromMilliseconds(3), _ages.Percentile99);
        Close();
        Assert.AreEqual(TimeSpan.Zero, _ages.Max);
    }

    [TestMethod]
    public void ATimeStampOfTheFutureOrNoneIsNoAge()
    {
        Assert.AreEqual(TimeSpan.Zero, Note(TimeSpan.FromSeconds(-1)));
        Assert.AreEqual(TimeSpan.Zero, _ages.Note(0, _time.GetTimestamp()));
        Assert.AreEqual(TimeSpan.FromDays(2), Note(TimeSpan.FromDays(2)));
    }

    /// <summary>The window closes with the first packet after its end; that one is new, and so young that it says nothing.</summary>
    private void Close()
    {
        _time.Advance(TimeSpan.FromSeconds(11));
        Note(TimeSpan.Zero);
    }

    private TimeSpan Note(TimeSpan age)
    {
        var now = _time.GetTimestamp();
        return _ages.Note(now - age.Ticks, now);
    }
}
