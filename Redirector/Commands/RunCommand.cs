using System.CommandLine;
using FwRedirect.ControlChannel.Configuration;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Redirector.Service;
using FwRedirect.Redirector.Service.Linux;
using FwRedirect.Redirector.Service.Windows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.WindowsServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace FwRedirect.Redirector.Commands;

/// <summary>fwredirect run: the service itself, in the foreground, under systemd, or as a Windows service.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var config = ConfigurationOption.Create();
        var command = new Command("run", "Redirect this machine's connections through the firewall, until stopped (needs root or administrator)")
        {
            config,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetRequiredValue(config), [.. parsed.UnmatchedTokens], cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string file, string[] overrides, CancellationToken cancellationToken)
    {
        try
        {
            using var host = Build(file, overrides);
            try
            {
                await host.StartAsync(cancellationToken);
            }
            catch (StartFailedException failed) when (OperatingSystem.IsWindows() && WindowsServiceHelpers.IsWindowsService())
            {
                ServiceLog.StartFailed(host.Services.GetRequiredService<ILogger<RedirectorService>>(), failed.Message);
                (host.Services.GetRequiredService<IHostLifetime>() as ScmLifetime)?.Fail(failed.Step);
                throw;
            }

            await host.WaitForShutdownAsync(cancellationToken);
            return 0;
        }
        catch (ConfigurationException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            return (int)StartStep.Configuration;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("fwredirect was stopped before it had started");
            return 0;
        }
        catch (StartFailedException failed)
        {
            await Console.Error.WriteLineAsync($"fwredirect did not start: {failed.Message}");
            return (int)failed.Step;
        }
    }

    private static IHost Build(string file, string[] overrides)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddFilter("Microsoft", LogLevel.None); // a failed start is told by us, without a stack trace
        builder.Services.AddSingleton(TimeProvider.System);
        if (OperatingSystem.IsWindows() && WindowsServiceHelpers.IsWindowsService())
        {
            builder.Services.AddSingleton<IHostLifetime, ScmLifetime>();
            ServiceLogging.Add(builder.Logging, file, TimeProvider.System);
        }
        else
        {
            builder.Logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat, console.UseUtcTimestamp) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ ", true));
            builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
            builder.Services.AddSystemd();
        }

        try
        {
            AddService(builder, RedirectorOptionsReader.Read(file, overrides));
        }
        catch (ConfigurationException wrong) when (OperatingSystem.IsWindows() && WindowsServiceHelpers.IsWindowsService())
        {
            // Only a host that runs can tell the service control manager.
            builder.Services.AddHostedService(_ => new RefusedStart(new StartFailedException(StartStep.Configuration, wrong.Message)));
        }

        return builder.Build();
    }

    private static void AddService(HostApplicationBuilder builder, RedirectorOptions options)
    {
        builder.Logging.SetMinimumLevel(options.LogLevel);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<IMachine>(services => OperatingSystem.IsWindows() ? new WindowsMachine(TimeProvider.System, services.GetRequiredService<ILoggerFactory>())
            : OperatingSystem.IsLinux() ? new LinuxMachine(TimeProvider.System)
            : throw new StartFailedException(StartStep.Diversion, "fwredirect runs on Windows and on Linux"));
        builder.Services.AddHostedService<RedirectorService>();
    }
}
