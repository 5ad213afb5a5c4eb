using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>
/// A page of thirty resources, of a web socket to mosquitto and of a stream of server-sent events. Its script looks whether each of them came and did what it is for, and writes that into
/// the page.
/// </summary>
internal static class BrowserPage
{
    public const int Each = 10;

    private const int Seconds = 3;

    /// <summary>Scripts, styles and images; events; the broker's answer (CONNACK of MQTT 3.1.1).</summary>
    public static string Expected => $"{Each} {Each} {Each}, {SecureWebServer.Events} events, 32 2 0 0";

    /// <summary>Names of the resources.</summary>
    public static IEnumerable<string> Resources => Enumerable.Range(1, Each).SelectMany(i => new[] { $"{i}.js", $"{i}.css", $"{i}.svg" });

    public static async Task WriteAsync(string root, CancellationToken cancellation)
    {
        string folder = Directory.CreateDirectory(Path.Combine(root, "page")).FullName;
        foreach (int i in Enumerable.Range(1, Each))
        {
            await File.WriteAllTextAsync(Path.Combine(folder, $"{i}.js"), $"scripts.push({i});", cancellation);
            await File.WriteAllTextAsync(Path.Combine(folder, $"{i}.css"), $"#p{i} {{ color: rgb(1, 2, {i}); }}", cancellation);
            await File.WriteAllTextAsync(Path.Combine(folder, $"{i}.svg"), $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{i}\" height=\"1\"/>", cancellation);
        }

        // A browser that only prints a page does not wait for web sockets, but for all images: this one takes seconds.
        string slow = new(' ', Seconds * SecureWebServer.SlowRate);
        await File.WriteAllTextAsync(Path.Combine(root, "slow", "last.svg"), $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Each + 1}\" height=\"1\">{slow}</svg>", cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "index.html"), Page(), cancellation);
    }

    private static string Repeat(string text) => string.Concat(Enumerable.Range(1, Each).Select(i => text.Replace("#", $"{i}", StringComparison.Ordinal)));

    private static string Page() =>
        $$"""
        <!doctype html><html><head><title>Thirty resources</title><script>var scripts = [];</script>
        {{Repeat("<link rel=\"stylesheet\" href=\"#.css\">")}}
        </head><body><p id="result">nothing yet</p>
        {{Repeat("<p id=\"p#\">text</p>")}}
        {{Repeat("<img src=\"#.svg\">")}}
        <img src="/slow/last.svg">
        {{Repeat("<script src=\"#.js\"></script>")}}
        <script>
        let answer = 'no answer', events = 0;
        const socket = new WebSocket(location.protocol.replace('http', 'ws') + '//' + location.host + '/socket', 'mqtt');
        socket.binaryType = 'arraybuffer';
        // CONNECT of MQTT 3.1.1, by the name "page".
        socket.onopen = () => socket.send(new Uint8Array([0x10, 16, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 4, 112, 97, 103, 101]));
        socket.onmessage = message => { answer = Array.from(new Uint8Array(message.data)).join(' '); };
        const source = new EventSource('/events');
        source.onmessage = () => { if (++events == {{SecureWebServer.Events}}) source.close(); };
        window.onload = () => {
          const numbers = Array.from({ length: {{Each}} }, (_, i) => i + 1);
          const styles = numbers.filter(i => getComputedStyle(document.getElementById('p' + i)).color == 'rgb(1, 2, ' + i + ')').length;
          const images = numbers.filter(i => document.images[i - 1].naturalWidth == i).length;
          document.getElementById('result').textContent = [scripts.length, styles, images].join(' ') + ', ' + events + ' events, ' + answer;
        };
        </script></body></html>

        """;
}
