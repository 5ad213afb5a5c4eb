using System.CommandLine;
using System.Net;
using FwRedirect.Lab.Commands;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Load;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Probes;

using var shutdown = new Shutdown();

var mode = new Option<LabMode>("--mode") { Description = "How the client's traffic gets outside.", DefaultValueFactory = _ => LabMode.Redirected };
var ipv6 = new Option<LabIPv6>("--ipv6") { Description = "Whether the machines have IPv6 too.", DefaultValueFactory = _ => LabIPv6.None };
var up = new Command("up", "Keeps a lab up until Ctrl-C.") { mode, ipv6 };
up.SetAction((arguments, _) => GuardAsync(() => ShellCommand.RunAsync(arguments.GetValue(mode), arguments.GetValue(ipv6), shutdown.Token)));

var endpoint = new Option<IPEndPoint>("--listen", "--to") { Required = true, CustomParser = result => IPEndPoint.Parse(result.Tokens[0].Value) };
var verbose = new Option<bool>("--verbose") { Description = "Print the logs of all programs, too." };
var keep = new Option<bool>("--keep") { Description = "Leave the lab up until Ctrl-C." };
var demo = new Command("demo", "The article's FTP session through the redirector, checked against the article.") { keep, verbose };
demo.SetAction((arguments, _) => GuardAsync(() => DemoCommand.RunAsync(arguments.GetValue(keep), arguments.GetValue(verbose), shutdown.Token)));

var rounds = new Option<int>("--rounds") { Description = "How often each figure is taken.", DefaultValueFactory = _ => 3 };
var road = new Command("road", "The speed of the whole road beside a plain forwarding firewall.") { rounds };
road.SetAction((arguments, _) => GuardAsync(() => RoadCommand.RunAsync(arguments.GetValue(rounds), shutdown.Token)));

var wineRoad = new Command("wine-road", "The speed of the Windows build under Wine beside the Linux build.") { rounds };
wineRoad.SetAction((arguments, _) => GuardAsync(() => WineRoadCommand.RunAsync(arguments.GetValue(rounds), shutdown.Token)));

var count = new Option<int>("--count") { DefaultValueFactory = _ => int.MaxValue };
var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 60 };

var echo = new Command("echo", "An echo server, for TCP and UDP.") { endpoint };
echo.SetAction((arguments, _) => GuardAsync(async () =>
{
    await Task.WhenAll(
        EchoListener.RunAsync(arguments.GetRequiredValue(endpoint), shutdown.Token), DatagramEcho.RunAsync(arguments.GetRequiredValue(endpoint), shutdown.Token));
    return 0;
}));
var time = new Command("time", "A time server.") { endpoint };
time.SetAction((arguments, _) => GuardAsync(async () =>
{
    await TimeListener.RunAsync(arguments.GetRequiredValue(endpoint), shutdown.Token);
    return 0;
}));
var connections = new Command("connections", "New connections to an echo server, one after the other.") { endpoint, count, seconds };
connections.SetAction((arguments, _) => GuardAsync(() =>
    ConnectionProbe.RunAsync(arguments.GetRequiredValue(endpoint), arguments.GetValue(count), TimeSpan.FromSeconds(arguments.GetValue(seconds)), shutdown.Token)));
var roundTrips = new Command("round-trips", "One-byte round trips to an echo server.") { endpoint, seconds };
roundTrips.SetAction((arguments, _) => GuardAsync(() =>
{
    RoundTripProbe.Run(arguments.GetRequiredValue(endpoint), TimeSpan.FromSeconds(arguments.GetValue(seconds)));
    return Task.FromResult(0);
}));
var first = new Option<int>("--first-port") { Required = true };
var sockets = new Option<int>("--sockets") { DefaultValueFactory = _ => 200 };
var pause = new Option<double>("--pause") { Description = "Seconds between the last listen and the first close." };
var via = new Option<IPEndPoint?>("--via") { CustomParser = result => IPEndPoint.Parse(result.Tokens[0].Value) };
var listens = new Command("listen-burst", "Listening sockets, opened all at once and closed all at once.") { first, sockets, rounds, pause, via };
listens.SetAction((arguments, _) => GuardAsync(() => ListenBurst.RunAsync(
    arguments.GetValue(first), arguments.GetValue(sockets), arguments.GetValue(rounds), TimeSpan.FromSeconds(arguments.GetValue(pause)), arguments.GetValue(via), shutdown.Token)));
var refusing = new Option<IPEndPoint>("--refusing") { Required = true, CustomParser = result => IPEndPoint.Parse(result.Tokens[0].Value) };
var flows = new Command("flow-burst", "Many short connections, half of them refused.") { endpoint, refusing, count };
flows.SetAction((arguments, _) => GuardAsync(() => FlowBurst.RunAsync(
    arguments.GetRequiredValue(endpoint), arguments.GetRequiredValue(refusing), arguments.GetValue(count), shutdown.Token)));
var size = new Option<int>("--size") { DefaultValueFactory = _ => 100 };
var segment = new Option<int>("--segment") { Description = "Let the system cut what is sent into datagrams of this size (UDP_SEGMENT)." };
var newSockets = new Option<bool>("--new-sockets") { Description = "A socket of its own for each." };
var datagrams = new Command("datagrams", "Datagrams to an echo server, one after the other.") { endpoint, count, size, segment, newSockets };
datagrams.SetAction((arguments, _) => GuardAsync(() =>
    new DatagramProbe(arguments.GetRequiredValue(endpoint), arguments.GetValue(size), arguments.GetValue(segment))
        .RunAsync(arguments.GetValue(count), arguments.GetValue(newSockets), shutdown.Token)));
var address = new Argument<Uri>("url") { CustomParser = result => new Uri(result.Tokens[0].Value) };
var get = new Command("get", "One page by .NET's HttpClient, with its version of HTTP.") { address };
get.SetAction((arguments, _) => GuardAsync(() => PageProbe.RunAsync(arguments.GetRequiredValue(address), shutdown.Token)));
var ports = new Option<int>("--ports") { Description = "The server answers at so many ports, from the given one on.", DefaultValueFactory = _ => 1 };
var streams = new Option<int>("--streams");
var idle = new Option<int>("--idle");
var udp = new Option<int>("--datagrams");
var connects = new Option<int>("--connects");
var listeners = new Option<int>("--listeners");
var firstListener = new Option<int>("--first-listener");
var load = new Command("load", "Standing and short connections, UDP sockets and listeners, until SIGTERM.") { endpoint, ports, streams, idle, udp, connects, listeners, firstListener };
load.SetAction((arguments, _) => GuardAsync(() => LoadRun.RunAsync(
    new LoadOptions(
        arguments.GetRequiredValue(endpoint), arguments.GetValue(ports), arguments.GetValue(streams), arguments.GetValue(idle), arguments.GetValue(udp), arguments.GetValue(connects),
        arguments.GetValue(firstListener), arguments.GetValue(listeners)),
    shutdown.Token)));

return await new RootCommand("The lab: three machines in network namespaces, with the article's addresses.") { demo, up, road, wineRoad, echo, time, connections, roundTrips, datagrams, get, listens, flows, load }
    .Parse(args)
    // The lab takes the signals itself: what it has made on the machine must be undone however long that takes.
    .InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

async Task<int> GuardAsync(Func<Task<int>> work)
{
    try
    {
        return await work();
    }
    catch (OperationCanceledException) when (shutdown.Token.IsCancellationRequested)
    {
        const int Interrupted = 130; // what a shell reports for Ctrl-C
        return Interrupted;
    }
    catch (LabException exception)
    {
        await Console.Error.WriteLineAsync($"lab: {exception.Message}");
        return 1;
    }
}
