using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Installation;

namespace FwRedirect.Tests.Redirector.Installation;

internal sealed class FakeStandingBlock : IStandingBlock
{
    public string? Apply(RedirectorOptions options) => "the block stands";

    public string? Remove() => "the block is gone";
}
