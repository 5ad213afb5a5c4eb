using FwRedirect.ControlChannel.Names;

namespace FwRedirect.Redirector.Names;

/// <summary>The firewall gave a DNS server's own answer; each of its records has a lifetime of its own.</summary>
/// <param name="Made">When it came, in the table's milliseconds.</param>
internal sealed record MessageOutcome(ReadOnlyMemory<byte> Message, long Made, long Expires) : NameOutcome(Expires)
{
    public override byte[] Answer(DnsQuery query, bool answersIPv6, long now) =>
        query.Type == DnsType.Aaaa && !answersIPv6 ? DnsAnswer.NoData(query) : DnsReply.For(query, Message.Span, (uint)((now - Made) / 1000));
}
