using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using System.Text;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Diversion.Linux;
using FwRedirect.Redirector.Diversion.Linux.Queues;
using FwRedirect.Redirector.Diversion.Linux.Recovery;
using FwRedirect.Redirector.Diversion.Linux.Rules;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Diversion.Linux.Recovery;

/// <summary>What this executable is when a test starts it again as another process: a service to be killed, or that service's guard.
/// The guard begins before the test platform; the service cannot, since its threads would wait for the end of the module initializer.</summary>
[SupportedOSPlatform("linux")]
internal static class ChildRoles
{
    public const string Ready = "ready ";
    public const string Guard = "role-guard";

    /// <summary>Environment of a service: its journal. Set, the class initializer of <see cref="KilledServiceTests"/> never comes back.</summary>
    public const string ServiceJournal = "FWREDIRECT_TEST_JOURNAL";

    public const string KeepRefusing = "FWREDIRECT_TEST_KEEP_REFUSING";

#pragma warning disable CA2255 // It is our executable; only here can another role begin before the test platform reads the arguments.
    [ModuleInitializer]
    public static void Begin()
    {
        var arguments = Environment.GetCommandLineArgs();
        if (arguments is [_, Guard, ..]) Environment.Exit(GuardProcess.Run(arguments.AsSpan(2)));
    }
#pragma warning restore CA2255

    /// <summary>Redirects every flow to the firewall's port 6789, journals it, and says "ready"; until it is killed.</summary>
    public static void Serve(string journalPath, bool keepRefusing)
    {
        NetworkRecovery.Run(journalPath);
        using var journal = new FlowJournal(journalPath);
        using var guard = GuardProcess.Start(Environment.ProcessPath!, [Guard], journal, keepRefusing);
        using var route = FallbackRoute.Install(NamespacePair.FirewallAddress);
        using var diverter = new NfQueueDiverter(new NfQueueOptions(), NamespacePair.Rules with { RefuseUnseen = keepRefusing }, TimeProvider.System);
        var inbound = new Thread(() => DivertedClient.Loop(diverter, 1, DivertedClient.RestoreFrom(6789, 21))) { IsBackground = true };
        inbound.Start();
        // Past the test platform, which keeps what a test writes to the console until its end.
        using (var output = Console.OpenStandardOutput()) output.Write(Encoding.ASCII.GetBytes($"\n{Ready}{guard.Id}\n"));
        var redirect = DivertedClient.RedirectTo(6789);
        DivertedClient.Loop(diverter, 0, (Span<byte> packet, ref DivertAddress address) =>
        {
            if (DivertedClient.TcpFlagsOf(packet) == 2)
                journal.Add(6, PacketEndpoint.From(DivertedClient.SourceOf(packet)), PacketEndpoint.From(DivertedClient.DestinationOf(packet)));
            return redirect(packet, ref address);
        });
    }
}
