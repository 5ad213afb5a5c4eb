using FwRedirect.Redirector.Service;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.Redirector.Service;

[TestClass]
public sealed class SettledChangesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SettledChanges _changes;
    private Action _notice = () => { };
    private bool _subscribed;
    private int _changed;

    public SettledChangesTests() => _changes = new SettledChanges(_time, () => _changed++, notice =>
    {
        (_notice, _subscribed) = (notice, true);
        return new Subscription(() => _subscribed = false);
    });

    [TestMethod]
    public void ABurstIsOneChangeOnceItIsQuiet()
    {
        for (var i = 0; i < 4; i++)
        {
            _notice();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.AreEqual(0, _changed);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.AreEqual(1, _changed);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.AreEqual(1, _changed);
    }

    [TestMethod]
    public void WhatNeverIsQuietIsAChangeAllTheSame()
    {
        for (var i = 0; i < 21; i++)
        {
            _notice();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.AreEqual(2, _changed);
    }

    [TestMethod]
    public void TheNextBurstIsTheNextChange()
    {
        _notice();
        _time.Advance(SettledChanges.Quiet);
        _notice();
        _time.Advance(SettledChanges.Quiet);
        Assert.AreEqual(2, _changed);
    }

    [TestMethod]
    public void WhoHasLeftHearsNothing()
    {
        _notice();
        _changes.Dispose();
        Assert.IsFalse(_subscribed);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.AreEqual(0, _changed);
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
