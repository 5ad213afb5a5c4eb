using System.Buffers;
using System.Net;
using System.Text;
using CsCheck;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Filters.Ftp;

namespace FwRedirect.Tests.FirewallHost.Filters.Ftp;

[TestClass]
public sealed class FtpControlFilterTests
{
    private static readonly IPAddress Client = IPAddress.Parse("192.168.0.2");
    private static readonly IPEndPoint Outside = IPEndPoint.Parse("131.107.0.19:2345");

    [TestMethod]
    [DataRow("PORT 192,168,0,2,4,210\r\n", "PORT 131,107,0,19,9,41\r\n", DisplayName = "the article's")]
    [DataRow("port 192,168,0,2,4,210\r\n", "port 131,107,0,19,9,41\r\n", DisplayName = "lower case")]
    [DataRow("PORT 192,168,0,2,4,210\n", "PORT 131,107,0,19,9,41\n", DisplayName = "bare line feed")]
    [DataRow("EPRT |1|192.168.0.2|1234|\r\n", "EPRT |1|131.107.0.19|2345|\r\n", DisplayName = "EPRT")]
    [DataRow("EPRT !1!192.168.0.2!1234!\r\n", "EPRT |1|131.107.0.19|2345|\r\n", DisplayName = "EPRT, other delimiter")]
    [DataRow("USER a\r\nPORT 192,168,0,2,4,210\r\nLIST\r\n", "USER a\r\nPORT 131,107,0,19,9,41\r\nLIST\r\n", DisplayName = "among others")]
    public void Client_s_own_address_is_rewritten(string input, string expected) => Assert.AreEqual(expected, Run(input));

    [TestMethod]
    [DataRow("PORT 192,168,0,3,4,210\r\n", DisplayName = "another's address")]
    [DataRow("PORT 192,168,0,2,0,0\r\n", DisplayName = "port 0")]
    [DataRow("PORT 192,168,0,2,4\r\n", DisplayName = "five numbers")]
    [DataRow("PORT 192,168,0,2,4,210,1\r\n", DisplayName = "seven numbers")]
    [DataRow("PORT 192,168,0,2,4,256\r\n", DisplayName = "number over 255")]
    [DataRow("PORT 192,168,0,2,4,-2\r\n", DisplayName = "sign")]
    [DataRow("XPORT 192,168,0,2,4,210\r\n", DisplayName = "not at the line's start")]
    [DataRow("PORTX 192,168,0,2,4,210\r\n", DisplayName = "another verb")]
    [DataRow("EPRT |2|192.168.0.2|1234|\r\n", DisplayName = "wrong family")]
    [DataRow("EPRT |1|192.168.0.2|99999|\r\n", DisplayName = "no port")]
    [DataRow("EPRT\r\n", DisplayName = "no argument")]
    [DataRow("STOR PORT 192,168,0,2,4,210\r\n", DisplayName = "a file of that name")]
    [DataRow("PORT 192,168,0,2,4,210", DisplayName = "unfinished line at the end")]
    public void All_else_passes_as_it_came(string input) => Assert.AreEqual(input, Run(input));

    [TestMethod]
    public void Over_long_line_passes_and_the_next_is_seen()
    {
        var longLine = "PORT " + new string('1', 3 * Limits.FtpLine) + "\r\n";
        Assert.AreEqual(longLine + "PORT 131,107,0,19,9,41\r\n", Run(longLine + "PORT 192,168,0,2,4,210\r\n"));
    }

    [TestMethod]
    public void Without_a_binding_the_command_goes_unchanged() =>
        Assert.AreEqual("PORT 192,168,0,2,4,210\r\nLIST\r\n", Run("PORT 192,168,0,2,4,210\r\nLIST\r\n", outside: null));

    [TestMethod]
    public void Held_command_stops_what_follows_and_names_its_endpoint()
    {
        var filter = new FtpControlFilter(Client);
        var output = new ArrayBufferWriter<byte>();
        var input = "NOOP\r\nPORT 192,168,0,2,4,210\r\nLIST\r\n"u8;
        var taken = filter.Take(input, output);
        Assert.AreEqual("NOOP\r\n", Encoding.ASCII.GetString(output.WrittenSpan));
        Assert.AreEqual(new IPEndPoint(Client, 1234), filter.Held);
        Assert.AreEqual("LIST\r\n", Encoding.ASCII.GetString(input[taken..]));
        Assert.AreEqual(0, filter.Take(input[taken..], output), "nothing passes a held command");
    }

    [TestMethod]
    public void Any_segmentation_gives_the_same_output()
    {
        string[] lines =
        [
            "PORT 192,168,0,2,4,210\r\n", "port 192,168,0,2,0,1\n", "EPRT |1|192.168.0.2|99|\r\n", "EPRT |2|::1|99|\r\n", "USER x\r\n", "\r\n", "PO\r\n",
            "PORT \r\n", "PORT 10,0,0,1,1,1\r\n", "EPSV\r\n", "STOR PORT 192,168,0,2,4,210\r\n", new string('P', 300) + "\n", "PORT 1,\u00ff\r\n", "\0\n",
        ];
        Gen.Select(Gen.Int[0, lines.Length - 1].Array[0, 8], Gen.Int[1, 40].Array[1, 30]).Sample((picked, sizes) =>
        {
            var text = string.Concat(picked.Select(i => lines[i]));
            Assert.AreEqual(Run(text), Run(text, Outside, sizes));
        });
    }

    [TestMethod]
    public void Bytes_without_commands_survive_any_segmentation() =>
        Gen.Select(Gen.Byte.Array[0, 600], Gen.Int[1, 50].Array[1, 20]).Sample((bytes, sizes) =>
        {
            var text = Encoding.Latin1.GetString(bytes);
            Assert.AreEqual(text, Run(text, Outside, sizes));
        });

    private static string Run(string text) => Run(text, Outside);

    private static string Run(string text, IPEndPoint? outside, params int[] sizes)
    {
        var filter = new FtpControlFilter(Client);
        var output = new ArrayBufferWriter<byte>();
        var input = Encoding.Latin1.GetBytes(text).AsMemory();
        for (var i = 0; !input.IsEmpty; i++)
        {
            var segment = input[..Math.Min(input.Length, sizes.Length == 0 ? int.MaxValue : sizes[i % sizes.Length])];
            input = input[segment.Length..];
            while (!segment.IsEmpty)
            {
                segment = segment[filter.Take(segment.Span, output)..];
                if (filter.Held is not null)
                    filter.Release(outside, output);
            }
        }

        filter.Finish(output);
        return Encoding.Latin1.GetString(output.WrittenSpan);
    }
}
