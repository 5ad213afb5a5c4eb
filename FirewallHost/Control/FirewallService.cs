using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Status;
using FwRedirect.FirewallHost.AccessLog;
using FwRedirect.FirewallHost.Accounts;
using FwRedirect.FirewallHost.Accounts.Linux;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Names;
using FwRedirect.FirewallHost.Policy;
using FwRedirect.FirewallHost.Sockets;
using FwRedirect.FirewallHost.Sockets.Echo;
using FwRedirect.FirewallHost.Sockets.Udp;
using FwRedirect.FirewallHost.Status;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Control;

/// <summary>The whole firewall. <see cref="StartAsync"/> is the list of its steps; disposing undoes them from the last to the first.</summary>
internal sealed partial class FirewallService(FirewallOptions options, ConfigurationSource source, TimeProvider time) : IAsyncDisposable
{
    private readonly Stack<Func<ValueTask>> _undo = new();
    private WebApplication? _host;
    private OutsideEchoes? _echoes;

    /// <summary>Where it listens, for the line that says that it is ready.</summary>
    public string Description =>
        $"control channel on {string.Join(", ", options.InternalAddresses.Select(address => new IPEndPoint(address, options.ControlPort)))}; "
        + $"data ports {options.DataPorts?.ToString() ?? "dynamic"}; outside address {string.Join(", ", options.OutsideAddresses)}; authentication {options.Authentication}; "
        + $"ping: {_echoes?.Description}";

    /// <exception cref="StartFailure">A step failed; what the earlier ones did is undone by disposing.</exception>
    public async Task StartAsync(CancellationToken stop)
    {
        var loggers = Undone(LoggerFactory.Create(ConfigureLogging));
        Step(1, "accounts", UseAccounts);
        var accessLog = Step(2, "access log", () => new AccessLogWriter(options.AccessLog, time, loggers.CreateLogger("FwRedirect.AccessLog")));
        _undo.Push(accessLog.DisposeAsync);
        Step(3, "outside address", CheckOutside);
        var insidePorts = Step(4, "data ports", () => OpenInsidePorts(loggers));
        var datagramLogger = loggers.CreateLogger("FwRedirect.Datagrams");
        var dropped = new DroppedDatagrams(time, datagramLogger);
        var datagramPorts = Undone<IInsideDatagramPorts>(
            options.DataPorts is { } range ? new SharedDatagramPorts(range, dropped, datagramLogger) : new DynamicDatagramPorts(dropped, datagramLogger));
        var resolved = new ResolvedNames(time);
        var names = Undone(new NameResolver(options.DnsServers, options.LocalDomains, resolved, time, options.LocalAddresses));
        var policy = new AccessPolicy(options.Rules, options.Authentication, LocalDestinations.Of(options), resolved);
        var firewall = new Firewall(options, policy, names, insidePorts, datagramPorts, dropped, accessLog, time, loggers)
        {
            Echoes = _echoes = Undone(EchoSenders.Open(options, time)),
        };
        Undone(new OwnAddressWatch(firewall, time, loggers.CreateLogger("FwRedirect.Policy")));
        await StartControlAsync(firewall, stop);
        Undone(new ConfigurationReload(firewall, source.File, source.Read, time, loggers.CreateLogger("FwRedirect.Configuration")));
        object[] parts = [insidePorts, firewall.Claims, firewall.Mappings, resolved, names, dropped, firewall.EchoQuota, accessLog];
        OpenStatus(firewall, [.. parts.OfType<ICounted>()], loggers.CreateLogger("FwRedirect.Status"));
    }

    /// <summary>Until a signal, or <paramref name="stop"/>.</summary>
    public Task WaitForStopAsync(CancellationToken stop) => _host!.WaitForShutdownAsync(stop);

    public async ValueTask DisposeAsync()
    {
        while (_undo.TryPop(out var undo))
            await undo();
    }

    private void ConfigureLogging(ILoggingBuilder logging) => logging
        .SetMinimumLevel(options.LogLevel)
        .AddFilter("Microsoft", options.LogLevel > LogLevel.Warning ? options.LogLevel : LogLevel.Warning)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });

    private void UseAccounts()
    {
        if (options.Authentication == AuthenticationMode.None || !OperatingSystem.IsLinux())
            return;
        var accounts = new AccountFile(options.AccountFile);
        if (accounts.Complaint() is { } complaint)
            throw new IOException(complaint);
        if (accounts.Exists)
            NtlmUserFile.Use(accounts.Path);
    }

    private void CheckOutside()
    {
        foreach (var address in options.OutsideAddresses)
        {
            try
            {
                using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(address, 0));
            }
            catch (SocketException e)
            {
                throw new IOException($"{address} is not an address of this machine ({e.Message})", e);
            }
        }
    }

    private IInsidePorts OpenInsidePorts(ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger("FwRedirect.InsidePorts");
        if (options.DataPorts is not { } range)
            return Undone(new DynamicInsidePorts(logger));
        var ports = Undone(new SharedInsidePorts(range, time, logger));
        foreach (var address in options.InternalAddresses)
        {
            try
            {
                ports.Open(address);
            }
            catch (SocketException e)
            {
                throw new IOException($"{new IPEndPoint(address, range.First).Slash()}: {e.Message}", e);
            }
        }

        return ports;
    }

    private async Task StartControlAsync(Firewall firewall, CancellationToken stop)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        ConfigureLogging(builder.Logging);
        builder.Services.AddSystemd();
        builder.Services.AddSingleton(firewall);
        builder.Services.AddSingleton<ControlConnectionHandler>();
        // Sessions see the stop themselves and end at once; the host's own 30 s are for requests of the web.
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            foreach (var address in options.InternalAddresses)
                kestrel.Listen(address, options.ControlPort, listen => listen.UseConnectionHandler<ControlConnectionHandler>());
        });
        _host = builder.Build();
        _undo.Push(_host.DisposeAsync);
        try
        {
            await _host.StartAsync(stop);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new StartFailure(5, "control channel", e.Message, e);
        }

        _undo.Push(async () => await _host.StopAsync());
        _undo.Push(() =>
        {
            firewall.Sessions?.EndAll("the firewall is stopping");
            return ValueTask.CompletedTask;
        });
    }

    private void OpenStatus(Firewall firewall, IReadOnlyList<ICounted> parts, ILogger logger)
    {
        var facts = new Dictionary<string, string> { ["name"] = options.Name, ["listens"] = Description };
        try
        {
            if (StatusServer.Open(options.StatusEndpoint, new FirewallStatus(firewall.Connections, firewall.Open, parts, facts, time), time, logger) is { } server)
                _undo.Push(server.DisposeAsync);
        }
        catch (StatusUnavailableException e)
        {
            throw new StartFailure(6, "status endpoint", e.Message, e);
        }
    }

    private T Undone<T>(T made) where T : IDisposable
    {
        _undo.Push(() =>
        {
            made.Dispose();
            return ValueTask.CompletedTask;
        });
        return made;
    }

    private static void Step(int number, string name, Action action) =>
        Step(number, name, () =>
        {
            action();
            return 0;
        });

    private static T Step<T>(int number, string name, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            throw new StartFailure(number, name, e.Message, e);
        }
    }
}
