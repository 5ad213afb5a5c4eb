using Microsoft.Extensions.Hosting;

namespace FwRedirect.Redirector.Service;

/// <summary>A service whose start can only fail: the system has to be told of a wrong configuration too, and hears only a host that runs.</summary>
internal sealed class RefusedStart(StartFailedException reason) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.FromException(reason);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
