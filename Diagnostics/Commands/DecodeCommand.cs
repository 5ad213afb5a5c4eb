using System.CommandLine;
using FwRedirect.Diagnostics.Capture;
using FwRedirect.Diagnostics.Decoding;
using FwRedirect.Diagnostics.Rendering;

namespace FwRedirect.Diagnostics.Commands;

/// <summary><c>fwdiag decode</c>: one or several captures as one trace, and the summary tables.</summary>
internal static class DecodeCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("file")
        {
            Description = "Captures, pcap or pcapng; several are read as one, in the order of their time stamps.",
            Arity = ArgumentArity.OneOrMore,
        };
        var json = new Option<bool>("--json") { Description = "One JSON object a line, the tables in the last one." };
        var ports = new Option<int[]>("--control-port")
        {
            Description = "TCP port of the firewall's control channel; may be given several times.",
            HelpName = "port",
            DefaultValueFactory = _ => [DecodeOptions.DefaultControlPort],
        };
        var passwords = new Option<bool>("--show-passwords") { Description = "Print FTP passwords of real accounts too." };
        ports.Validators.Add(result =>
        {
            if (Array.Exists(result.GetValueOrDefault<int[]>() ?? [], p => p is < 1 or > 65535))
                result.AddError("--control-port needs a number from 1 to 65535.");
        });
        var command = new Command("decode", "Print captured packets in the notation of the Network Monitor.") { files, json, ports, passwords };
        command.SetAction(parsed =>
        {
            var options = new DecodeOptions(parsed.GetValue(ports)!.ToHashSet(), parsed.GetValue(passwords));
            var output = parsed.InvocationConfiguration.Output;
            ITraceWriter trace = parsed.GetValue(json) ? new JsonTrace(output) : new TextTrace(output);
            return Run(parsed.GetValue(files)!, options, trace, parsed.InvocationConfiguration.Error);
        });
        return command;
    }

    private static int Run(string[] files, DecodeOptions options, ITraceWriter trace, TextWriter error)
    {
        var readers = new List<CaptureReader>();
        try
        {
            foreach (var file in files)
                readers.Add(CaptureReader.Open(file));
            var decoder = new PacketDecoder(options);
            foreach (var packet in CaptureMerge.InOrder(readers))
            {
                foreach (var line in decoder.Decode(packet))
                    trace.Write(line);
            }
            trace.Write(decoder.Summarise());
            return Damage(readers, error);
        }
        catch (Exception e) when (e is CaptureFormatException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"fwdiag: {e.Message}");
            return ExitCode.Error;
        }
        finally
        {
            readers.ForEach(r => r.Dispose());
        }
    }

    /// <summary>A file that is still written ends inside a record: worth a word, no failure. Anything else means that packets are missing from the trace.</summary>
    private static int Damage(List<CaptureReader> readers, TextWriter error)
    {
        foreach (var reader in readers.Where(r => r.Damage is not null))
            error.WriteLine($"fwdiag: {reader.Damage}");
        return readers.Exists(r => r.Damage is not null && !r.CutShort) ? ExitCode.Error : ExitCode.Success;
    }
}
