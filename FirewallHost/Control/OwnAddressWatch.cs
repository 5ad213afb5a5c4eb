using FwRedirect.FirewallHost.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Control;

/// <summary>
/// Looks what addresses this machine has now. IPv6 takes new ones by itself (RFC 8981), and by one that is not known to be its own a client would get at services that trust this machine.
/// By a timer: .NET's event does not tell of IPv6 addresses on Linux.
/// </summary>
internal sealed partial class OwnAddressWatch : IDisposable
{
    private readonly Firewall _firewall;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private bool _isFailing;

    public OwnAddressWatch(Firewall firewall, TimeProvider time, ILogger logger)
    {
        _firewall = firewall;
        _logger = logger;
        _timer = time.CreateTimer(_ => Look(), null, Limits.OwnAddressesRead, Limits.OwnAddressesRead);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        try
        {
            _firewall.ReplaceOwnAddresses();
            _isFailing = false;
        }
        catch (Exception failure)
        {
            // On a timer's thread nobody else would catch it.
            if (!_isFailing)
                LogFailed(failure);
            _isFailing = true;
        }
    }

    [LoggerMessage(120, LogLevel.Error, "this machine's addresses could not be read: those of before count as its own")]
    private partial void LogFailed(Exception failure);
}
