using FwRedirect.Lab.Demo;

namespace FwRedirect.Tests.Tools.Lab;

[TestClass]
public sealed class SequenceTests
{
    private static readonly Dictionary<string, string> Machines = new() { ["C"] = "192.168.0.2", ["I"] = "192.168.0.1" };

    private const string Steps =
        """
        A1 C I TCP:Flags=......S., SrcPort={port:port}, DstPort=1745
        [
        A2 I C RWS:0x40200 Bind reply to {app} on 131.107.0.19/{out:port} successful
        |
        A3 C I FTP:Request from Port {port:port},'PORT 192,168,0,2,{listen:pair}'
        ]
        A4 I C FTP:Response to Port {port:port}, '200 {words}'
        """;

    private static readonly string[] Trace =
    [
        "192.168.0.2 192.168.0.1 TCP:Flags=......S., SrcPort=1423, DstPort=1745",
        "192.168.0.2 192.168.0.1 FTP:Request from Port 1423, 'SYST'",
        "192.168.0.1 192.168.0.2 RWS:0x40200 Bind reply to ftp on 131.107.0.19/2345 successful",
        "192.168.0.2 192.168.0.1 FTP:Request from Port 1423,'PORT 192,168,0,2,4,210'",
        "192.168.0.1 192.168.0.2 FTP:Response to Port 1423, '200 PORT command successful.'",
    ];

    [TestMethod]
    public void A_trace_in_order_fits_and_its_values_are_kept()
    {
        Dictionary<string, string> variables = [];
        Assert.IsNull(Check(Trace, variables));
        Assert.AreEqual("1423 2345 1234 ftp", string.Join(' ', variables["port"], variables["out"], variables["listen"], variables["app"]));
    }

    [TestMethod]
    public void Strands_may_overtake_each_other() =>
        Assert.IsNull(Check([Trace[0], Trace[3], Trace[2], Trace[4]], []));

    [TestMethod]
    [DataRow(0)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void A_missing_line_is_a_difference_that_names_its_step(int missing)
    {
        SequenceDifference? difference = Check([.. Trace.Where((_, index) => index != missing)], []);
        Assert.IsNotNull(difference);
        Assert.StartsWith(missing switch { 0 => "A1", 2 => "A2", 3 => "A3", _ => "A4" }, difference.Expected[0]);
    }

    [TestMethod]
    public void Lines_in_the_wrong_order_are_a_difference()
    {
        SequenceDifference? difference = Check([Trace[0], Trace[4], Trace[2], Trace[3]], []);
        Assert.IsNotNull(difference);
        Assert.Contains("A4", difference.ToString());
    }

    [TestMethod]
    public void A_variable_stands_for_one_value()
    {
        string[] trace = [.. Trace[..4], Trace[4].Replace("1423", "1424", StringComparison.Ordinal)];
        SequenceDifference? difference = Check(trace, []);
        Assert.IsNotNull(difference);
        Assert.Contains("Port 1423", difference.Expected[0]);
    }

    [TestMethod]
    public void A_port_that_is_known_has_to_be_the_one_in_the_PORT_command()
    {
        Assert.IsNull(Check(Trace, new Dictionary<string, string> { ["listen"] = "1234" }));
        Assert.IsNotNull(Check(Trace, new Dictionary<string, string> { ["listen"] = "1235" }));
    }

    [TestMethod]
    public void The_direction_counts() =>
        Assert.IsNotNull(Check([Trace[0].Replace("192.168.0.2 192.168.0.1", "192.168.0.1 192.168.0.2", StringComparison.Ordinal), .. Trace[1..]], []));

    private static SequenceDifference? Check(string[] trace, Dictionary<string, string> variables) => Sequence.Parse(Steps, Machines).Check(trace, variables);
}
