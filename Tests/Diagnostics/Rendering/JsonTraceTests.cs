using System.Text.Json;

namespace FwRedirect.Tests.Diagnostics.Rendering;

/// <summary>The names that scripts read; Diagnostics/README.md lists them.</summary>
[TestClass]
public sealed class JsonTraceTests
{
    [TestMethod]
    public void EveryLineIsAnObjectWithTheDocumentedNames()
    {
        var lines = TraceBuilder.Print(ArticleSession.Redirected().File, options: null, json: true).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var objects = lines.Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        var reply = objects.Single(o => o.TryGetProperty("rws", out var r) && r.GetProperty("opCode").GetString() == "ConnectReply");
        Assert.AreEqual("192.168.0.1", reply.GetProperty("source").GetString());
        Assert.AreEqual(1745, reply.GetProperty("sourcePort").GetInt32());
        Assert.AreEqual("RWS", reply.GetProperty("protocol").GetString());
        Assert.StartsWith("RWS:0x20000 Connect reply", reply.GetProperty("description").GetString());
        Assert.AreEqual("0x20000", reply.GetProperty("rws").GetProperty("id").GetString());
        Assert.AreEqual("ftp.exe", reply.GetProperty("rws").GetProperty("application").GetString());
        var endpoints = reply.GetProperty("rws").GetProperty("endpoints");
        Assert.AreEqual("192.168.0.2:1516 192.168.0.1:6789 131.107.0.19:1590 131.107.0.21:21",
            string.Join(' ', new[] { "client", "inside", "outside", "server" }.Select(r => endpoints.GetProperty(r).GetString())));
        Assert.AreEqual(1, objects[0].GetProperty("number").GetInt64());
        Assert.AreEqual("2023-11-14T22:13:20.001Z", objects[0].GetProperty("time").GetString());
        var table = objects[^1].GetProperty("tables").GetProperty("fwcConnect");
        Assert.AreEqual(4, table.GetArrayLength());
        Assert.AreEqual("""{"purpose":"FTP data channel","transport":"TCP","client":"1234*","inside":"1999*","outside":"2345*","server":"20"}""", table[3].GetRawText());
        Assert.AreEqual(0, objects[^1].GetProperty("tables").GetProperty("directConnect").GetArrayLength());
    }
}
