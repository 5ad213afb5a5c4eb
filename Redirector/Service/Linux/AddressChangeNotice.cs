using System.Net.NetworkInformation;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Service.Linux;

/// <summary>Tells when an address comes or goes; a route that comes alone is not told. Of the network namespace of the first that asks.</summary>
[SupportedOSPlatform("linux")]
internal sealed class AddressChangeNotice : IDisposable
{
    private readonly NetworkAddressChangedEventHandler _handler;

    private AddressChangeNotice(Action changed)
    {
        _handler = (_, _) => changed();
        NetworkChange.NetworkAddressChanged += _handler;
    }

    public static IDisposable Subscribe(Action changed) => new AddressChangeNotice(changed);

    public void Dispose() => NetworkChange.NetworkAddressChanged -= _handler;
}
