using FwRedirect.Redirector.Checks;

namespace FwRedirect.Tests.Redirector.Checks;

[TestClass]
public sealed class MachineChecksTests
{
    [TestMethod]
    public void EverythingIsLookedAtAndSaid()
    {
        var output = new StringWriter();
        IMachineCheck[] checks =
        [
            new FakeCheck("one", () => CheckResult.Good("fine")),
            new FakeCheck("two", () => throw new IOException("the kernel says no")),
            new FakeCheck("three", () => CheckResult.NotTried("two first")),
            new FakeCheck("four", () => CheckResult.Wrong("do this")),
        ];
        Assert.IsFalse(MachineChecks.Run(checks, output));
        var expected = """
            ok     one: fine
            wrong  two: the kernel says no
            -      three: two first
            wrong  four: do this

            """;
        Assert.AreEqual(expected.ReplaceLineEndings(), output.ToString());
    }

    [TestMethod]
    public void WhatWasNotTriedIsNotWrong() =>
        Assert.IsTrue(MachineChecks.Run([new FakeCheck("one", () => CheckResult.Good("x")), new FakeCheck("two", () => CheckResult.NotTried("x"))], TextWriter.Null));

    [TestMethod]
    public void WithoutRightsTheAdviceIsGiven()
    {
        Assert.AreEqual(CheckResult.Wrong("run it as root"), new RightsCheck(privileged: false, "run it as root").Look());
        Assert.AreEqual(CheckOutcome.Good, new RightsCheck(privileged: true, "run it as root").Look().Outcome);
    }

    private sealed class FakeCheck(string name, Func<CheckResult> look) : IMachineCheck
    {
        public string Name => name;

        public CheckResult Look() => look();
    }
}
