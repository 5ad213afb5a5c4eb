using System.Net.Security;
using FwRedirect.ControlChannel.Authentication;

namespace FwRedirect.Tests.ControlChannel.Authentication;

[TestClass]
public sealed class AuthenticationExchangeTests
{
    public required TestContext TestContext { get; init; }

    /// <summary>The package takes its credentials from the thread that makes it: that too has to be the user's.</summary>
    [TestMethod]
    public async Task ThePackageIsMadeInsideTheImpersonationAndNowhereElse()
    {
        var impersonation = new Marked();
        var made = new List<bool>();
        NegotiateAuthentication Make()
        {
            made.Add(impersonation.IsOn);
            throw new InvalidOperationException("made");
        }

        using var exchange = new AuthenticationExchange(Make, isServer: false, impersonation);
        Assert.IsEmpty(made);
        var step = await exchange.NextAsync(default, TestContext.CancellationToken);
        Assert.AreEqual((AuthenticationOutcome.Failed, "made"), (step.Outcome, step.Failure));
        CollectionAssert.AreEqual(new[] { true }, made);
    }

    /// <summary>A leg may wait for DNS answers that this very process gives: a few of them on the pool's threads would wait for each other.</summary>
    [TestMethod]
    public async Task ALegTakesNoThreadOfThePool()
    {
        var wasOfThePool = new List<bool>();
        NegotiateAuthentication Make()
        {
            wasOfThePool.Add(Thread.CurrentThread.IsThreadPoolThread);
            throw new InvalidOperationException("made");
        }

        using var exchange = new AuthenticationExchange(Make, isServer: false, impersonation: null);
        await exchange.NextAsync(default, TestContext.CancellationToken);
        CollectionAssert.AreEqual(new[] { false }, wasOfThePool);
    }

    [TestMethod]
    public async Task EveryLegRunsInsideTheImpersonation()
    {
        var impersonation = new Marked();
        using var exchange = AuthenticationExchange.ForClient("NTLM", new("alice", "S3cret!pass", "CONTOSO"), "HOST/firewall", impersonation);
        for (var leg = 1; leg <= 3; leg++)
        {
            _ = await exchange.NextAsync(default, TestContext.CancellationToken);
            Assert.AreEqual(leg, impersonation.Runs);
        }
    }

    [TestMethod]
    public async Task AnImpersonationThatFailsIsAFailedLegAndNothingIsMade()
    {
        using var exchange = new AuthenticationExchange(
            () => throw new InvalidOperationException("made as somebody else"), isServer: false, new Marked { Failure = new ObjectDisposedException("token") });
        var step = await exchange.NextAsync(default, TestContext.CancellationToken);
        Assert.AreEqual(AuthenticationOutcome.Failed, step.Outcome);
        Assert.Contains("token", step.Failure);
    }

    /// <summary>A thread's own mark, as the token of an impersonation is.</summary>
    private sealed class Marked : IImpersonation
    {
        private readonly ThreadLocal<bool> _isOn = new();

        public bool IsOn => _isOn.Value;

        public int Runs { get; private set; }

        public Exception? Failure { get; init; }

        public AuthenticationStep Run(Func<AuthenticationStep> leg)
        {
            if (Failure is not null)
                throw Failure;
            Runs++;
            _isOn.Value = true;
            try
            {
                return leg();
            }
            finally
            {
                _isOn.Value = false;
            }
        }
    }
}
