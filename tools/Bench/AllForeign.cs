using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Bench;

internal sealed class AllForeign : IDestinationRules
{
    public bool IsLocal(PacketEndpoint destination) => false;
}
