using System.Text;
using FwRedirect.ControlChannel.Names;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.Redirector.Names;

/// <summary>What is asked of the firewall, in lower case, for one program: the firewall's policy may give two programs two answers.</summary>
/// <param name="Question">The name; for <see cref="NameLookupKind.Message"/> all of the query that concerns its answer.</param>
internal readonly record struct NameKey(NameLookupKind Kind, string Question, object? Program)
{
    public static NameKey Of(DnsQuery query, object? program, bool answersIPv6)
    {
        var kind = KindOf(query, answersIPv6);
        return new NameKey(kind, kind == NameLookupKind.Message ? Relayed(query) : query.Name.ToLowerInvariant(), program);
    }

    /// <summary>A HOSTENT has no signatures: who wants them, or checks them, gets the message itself. But an AAAA answer must stay empty while IPv6 is not redirected.</summary>
    private static NameLookupKind KindOf(DnsQuery query, bool answersIPv6)
    {
        var wantsMessage = query.DnssecOk || query.CheckingDisabled || query.Name.Length > RwsLimits.HostName;
        return query.Type switch
        {
            DnsType.Aaaa when !answersIPv6 => NameLookupKind.Host,
            DnsType.A or DnsType.Aaaa when !wantsMessage => NameLookupKind.Host,
            DnsType.Pointer when !wantsMessage && ReverseName.Address(query.Name) is not null => NameLookupKind.Address,
            _ => NameLookupKind.Message,
        };
    }

    private static string Relayed(DnsQuery query)
    {
        var message = query.ToRelay();
        // Length bytes are below 64 and stay; type and class are behind the name.
        foreach (ref var b in message.AsSpan(DnsQuery.HeaderLength, query.Question.Length - 4))
        {
            if (b is >= (byte)'A' and <= (byte)'Z')
                b |= 0x20;
        }
        return Encoding.Latin1.GetString(message);
    }
}
