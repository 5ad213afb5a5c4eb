using FwRedirect.ControlChannel.Wire;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Journeys;

namespace FwRedirect.Tests.Redirector.Journeys;

[TestClass]
public sealed class RefusalsTests
{
    [TestMethod]
    public void EachErrorIsToldAsTheNearestThing()
    {
        foreach (var error in Enum.GetValues<WinsockError>())
        {
            var expected = error switch
            {
                WinsockError.WSAECONNREFUSED => FlowRefusal.Reset,
                WinsockError.WSAENETUNREACH or WinsockError.WSAENETDOWN => FlowRefusal.NetworkUnreachable,
                WinsockError.WSAEACCES or WinsockError.WSAENOBUFS => FlowRefusal.AdministrativelyProhibited,
                WinsockError.WSAETIMEDOUT => FlowRefusal.Silent,
                _ => FlowRefusal.HostUnreachable,
            };
            Assert.AreEqual(expected, Refusals.For(error), $"{error}");
        }

        Assert.AreEqual(FlowRefusal.HostUnreachable, Refusals.For((WinsockError)12345));
    }
}
