using System.Net;
using FwRedirect.FirewallHost.AccessLog;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.FirewallHost.AccessLog;

[TestClass]
public sealed class AccessLogTests
{
    private static readonly AccessEntry Entry = new()
    {
        Started = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.FromHours(2)),
        Session = "s1",
        Connection = 16,
        User = "CONTOSO\\alice",
        Agent = "ftp.exe:Windows XP x32",
        Computer = "evil\tname\nwith\u001b[31m",
        Inbound = false,
        Client = IPEndPoint.Parse("192.168.0.2:1516"),
        Remote = IPEndPoint.Parse("131.107.0.21:21"),
        Rule = "Authenticated users",
        Action = "Closed",
        Result = "Completed/Outside",
        BytesOut = 5,
        BytesIn = 169,
    };

    [TestMethod]
    [Timeout(30_000)]
    public async Task Lines_are_appended_below_a_header_that_names_their_fields()
    {
        var time = new FakeTimeProvider(Entry.Started.AddSeconds(2));
        var path = Path.Combine(Path.GetTempPath(), $"access-{Guid.NewGuid():N}.log");
        try
        {
            for (var run = 0; run < 2; run++)
            {
                await using var log = new AccessLogWriter(path, time, NullLogger.Instance);
                log.Write(Entry);
            }

            var lines = await File.ReadAllLinesAsync(path);
            Assert.HasCount(10, lines);
            Assert.AreEqual("#Date: 2026-11-23 10:00:02", lines[2]);
            var fields = lines[3]["#Fields: ".Length..].Split(' ');
            var values = lines[4].Split('\t');
            Assert.HasCount(fields.Length, values);
            var row = fields.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second);
            Assert.AreEqual("10:00:00", row["time"], "UTC");
            Assert.AreEqual("evil?name?with?[31m", row["c-host"]);
            Assert.AreEqual("-", row["inside-ip"]);
            Assert.AreEqual("169", row["bytes-received"]);
            Assert.AreEqual("2000", row["time-taken"]);
            Assert.AreEqual("0x10", row["connection-id"]);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
