using System.Reflection;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;
using FwRedirect.ControlChannel.Wire;
using FirewallLimits = FwRedirect.FirewallHost.Configuration.Limits;

namespace FwRedirect.Tests.ControlChannel;

/// <summary>PROTOCOL.md says what the code does: others write clients from it alone.</summary>
[TestClass]
public sealed class ProtocolDocumentTests
{
    private readonly ProtocolDocument _document = new();

    [TestMethod]
    public void EveryDumpIsWhatTheCodeWrites()
    {
        foreach (var (name, line, bytes) in _document.Dumps())
        {
            Assert.IsTrue(WorkedExample.Packets.TryGetValue(name, out var message), $"{name} is not in the worked example's code");
            Assert.AreEqual(Convert.ToHexString(RwsPacket.ToArray(message)), Convert.ToHexString(bytes), name);
            Assert.AreEqual(line, message.Describe(), name);
        }
    }

    [TestMethod]
    public void EveryDumpIsReadAsItsLine()
    {
        foreach (var (name, line, bytes) in _document.Dumps())
            Assert.AreEqual(line, RwsPacket.Read(bytes).Describe(), name);
    }

    [TestMethod]
    public void TheWorkedExampleIsComplete()
    {
        Assert.AreEqual(_document.Blocks, _document.Dumps().Count(), "a block of PROTOCOL.md has another form than the others");
        CollectionAssert.AreEqual(WorkedExample.Packets.Keys.ToArray(), _document.Dumps().Select(dump => dump.Name).ToArray());
    }

    [TestMethod]
    public void EveryOpCodeStandsInTheTable() =>
        AreEqual(Enum.GetValues<OpCode>().Select(code => ($"0x{(ushort)code:X4}", $"{code}")), _document.Rows("5. Messages").Where(row => IsNumber(row.First)));

    [TestMethod]
    public void DirectionsAndAnswersAreTheCodes()
    {
        foreach (var message in WorkedExample.Packets.Values.Where(m => m is not (Authenticate or Close or ErrorReply or Acknowledge or EndOfSession)))
        {
            var row = _document.Lines("5. Messages").Single(cells => cells[0] == $"0x{(ushort)message.OpCode:X4}");
            Assert.AreEqual(message.FromFirewall ? "F" : "C", row[2], $"{message.OpCode}");
            if (message.AnswersTo is { } request)
                Assert.AreEqual($"0x{(ushort)request:X4}", row[3], $"{message.OpCode}");
        }
    }

    [TestMethod]
    public void EveryErrorCodeStandsInTheTable() =>
        AreEqual(Enum.GetValues<WinsockError>().Select(code => ($"{(int)code}", $"{code}")), _document.Rows("6. Error codes").Skip(1));

    [TestMethod]
    public void EveryTagStandsInTheTable() =>
        AreEqual(Enum.GetValues<FieldTag>().Select(tag => ($"0x{(ushort)tag:X4}", $"{tag}")), _document.Rows("2. Types").Where(row => IsNumber(row.First)));

    [TestMethod]
    public void EveryLimitStandsInATable()
    {
        var rows = _document.Rows("7. Limits");
        var limits = Constants(typeof(RwsLimits)).Concat(Constants(typeof(SessionTiming))).ToArray();
        AreEqual(limits, rows.Where(row => limits.Any(limit => limit.Name == row.First)));
        foreach (var (name, value) in rows.Where(row => row.First != "name" && limits.All(limit => limit.Name != row.First)))
            Assert.AreEqual(FirewallLimit(name), value, name);
    }

    [TestMethod]
    public void TheHeadersOffsetsAreTheCodes()
    {
        var header = new RwsHeader(0x0201, (PacketFlags)0x0403, (OpCode)0x0605, 0x0807, 0x0A09, 0x0C0B, 0x0E0D, 0x100F);
        var bytes = new byte[RwsHeader.Size];
        header.Write(bytes);
        var offsets = _document.Lines("3. Packet").Where(cells => int.TryParse(cells[0], out _)).ToDictionary(cells => cells[2], cells => int.Parse(cells[0]));
        foreach (var (field, value) in new[]
        {
            ("PktLen", 0x0201), ("Flags", 0x0403), ("OpCode", 0x0605), ("DataLength", 0x0807), ("ClientConnectionHandle", 0x0A09),
            ("ServerConnectionHandle", 0x0C0B), ("ClientMappingHandle", 0x0E0D), ("ServerMappingHandle", 0x100F),
        })
        {
            Assert.AreEqual(value, BitConverter.ToUInt16(bytes, offsets[field]), field);
        }

        Assert.AreEqual(RwsHeader.Size, offsets["message"]);
    }

    private static bool IsNumber(string cell) => cell.StartsWith("0x", StringComparison.Ordinal);

    private static IEnumerable<(string Name, string Value)> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (f.Name, $"{f.GetRawConstantValue()}"));

    private static string FirewallLimit(string name)
    {
        var field = typeof(FirewallLimits).GetField(name);
        Assert.IsNotNull(field, $"{name} is no limit of fwhost");
        return field.GetValue(null) is TimeSpan time ? $"{time.TotalSeconds} s" : $"{field.GetRawConstantValue()}";
    }

    private static void AreEqual(IEnumerable<(string, string)> code, IEnumerable<(string, string)> document) =>
        CollectionAssert.AreEquivalent(code.ToArray(), document.ToArray(), $"the code has {string.Join(", ", code)}; PROTOCOL.md {string.Join(", ", document)}");
}
