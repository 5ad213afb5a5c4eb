using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux;

/// <summary>
/// Everything that the redirector opens on a Linux machine, in the order that leaves no gap: first what a killed run left is cleaned up, then journal and guard,
/// then socket events, route, queues and last the rules that fill them. Of the network namespace of the thread that starts it.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class LinuxDiversion : IDisposable
{
    private readonly Stack<IDisposable> _opened = new();
    private readonly string _journalPath;
    private bool _disposed;

    /// <exception cref="IOException">Something is missing or not permitted; the message says what, and nothing is left behind.</exception>
    public LinuxDiversion(LinuxDiversionOptions options, TimeProvider time)
    {
        _journalPath = options.JournalPath ?? FlowJournal.DefaultPath();
        EndedFlows = NetworkRecovery.Run(_journalPath);
        try
        {
            Journal = Opened(new FlowJournal(_journalPath));
            if (options.Guard.Count > 0) Opened(GuardProcess.Start(options.Guard[0], options.Guard.Skip(1), Journal, options.Rules.RefuseUnseen));
            Events = Opened(new SockOpsEvents(time, options.ControlGroup));
            Route = Opened(FallbackRoute.Install(options.Rules.FirewallAddresses.First(AddressMatch.IsIPv4)));
            Diverter = Opened(new NfQueueDiverter(options.Rules.Queues, options.Rules, time));
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>Sockets that a killed run had left and that were ended now.</summary>
    public int EndedFlows { get; }

    public FlowJournal Journal { get; }

    public SockOpsEvents Events { get; }

    public FallbackRoute Route { get; }

    public NfQueueDiverter Diverter { get; }

    /// <summary>Undoes all of it. Flows that are still in the journal end: nobody would rewrite their answers, and a program that only reads would wait for ever.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        try
        {
            Diverter.Dispose();
            NetworkRecovery.EndFlows(_journalPath);
        }
        finally
        {
            Close();
        }
    }

    private T Opened<T>(T part) where T : IDisposable
    {
        _opened.Push(part);
        return part;
    }

    private void Close()
    {
        var failures = new List<Exception>();
        // The guard goes near the end: until then it would do for us what fails here.
        while (_opened.TryPop(out var part))
        {
            try
            {
                part.Dispose();
            }
            catch (IOException failure)
            {
                failures.Add(failure);
            }
        }

        if (failures.Count > 0) throw new AggregateException("not everything on this machine could be undone", failures);
    }
}
