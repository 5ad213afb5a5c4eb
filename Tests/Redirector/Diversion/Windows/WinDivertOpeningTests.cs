using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows;
using FwRedirect.Redirector.Diversion.Windows.Native;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.Redirector.Diversion.Windows;

[TestClass]
[SupportedOSPlatform("windows")]
public sealed class WinDivertOpeningTests
{
    private readonly FakeWinDivert _driver = new();
    private readonly FakeTimeProvider _time = new();

    [TestMethod]
    public async Task ADriverThatStopsIsWaitedFor()
    {
        _driver.Refuse(433, 433);
        var start = _time.GetTimestamp();
        using var handle = await OpenAsync();
        Assert.IsGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(300), _time.GetElapsedTime(start));
        Assert.AreEqual((WinDivertLayer.Network, (short)7), (_driver.Handles.Single().Layer, _driver.Handles.Single().Priority));
    }

    [TestMethod]
    public async Task OneThatNeverGetsReadyIsAnError()
    {
        _driver.Refuse([.. Enumerable.Repeat(433, 100)]);
        Assert.AreEqual(433, (await Assert.ThrowsExactlyAsync<WinDivertException>(OpenAsync)).Code);
    }

    [TestMethod]
    public async Task AnyOtherRefusalIsFinal()
    {
        _driver.Refuse(1275);
        Assert.AreEqual(1275, (await Assert.ThrowsExactlyAsync<WinDivertException>(OpenAsync)).Code);
        Assert.IsEmpty(_driver.Handles);
    }

    [TestMethod]
    public async Task TheQueueIsAsLargeAsTheDriverAllows()
    {
        using var handle = await OpenAsync();
        Assert.AreEqual(16_384u, handle.Get(WinDivertParameter.QueueLength));
        Assert.AreEqual(2000u, handle.Get(WinDivertParameter.QueueTime));
        Assert.AreEqual(33_554_432u, handle.Get(WinDivertParameter.QueueSize));
    }

    [TestMethod]
    public async Task AHandleThatTakesNoQueueIsClosed()
    {
        _driver.SetError = 87;
        Assert.Contains("QueueLength", (await Assert.ThrowsExactlyAsync<WinDivertException>(OpenAsync)).Message);
        Assert.IsTrue(_driver.Handles.Single().Closed);
    }

    private async Task<IWinDivertHandle> OpenAsync()
    {
        var opening = Task.Run(() => WinDivertOpening.Open(_driver, "true", WinDivertLayer.Network, 7, WinDivertOpenFlags.None, new WinDivertOptions(), _time));
        while (!opening.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        return await opening;
    }
}
