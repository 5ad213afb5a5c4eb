using System.Diagnostics;

namespace FwRedirect.Tests.Diagnostics.Capture;

/// <summary>The real program on the loopback of a network namespace of its own.</summary>
[TestClass]
public sealed class LiveCaptureTests
{
    [TestMethod]
    [TestCategory("Lab")]
    [Timeout(60_000)]
    public async Task PacketsAreInTheFileAtOnceAndSigtermEndsItWell()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            Assert.Inconclusive("capturing needs Linux and root");
        var name = $"fwr-cap-{Environment.ProcessId}";
        var file = Path.Combine(Path.GetTempPath(), $"{name}.pcap");
        await Run("ip", "netns", "add", name);
        try
        {
            await Run("ip", "-n", name, "link", "set", "lo", "up");
            using var capture = Start("ip", "netns", "exec", name, Path.Combine(AppContext.BaseDirectory, "fwdiag"), "capture", "--interface", "lo", "--output", file);
            Assert.AreEqual("capturing on lo", await capture.StandardError.ReadLineAsync());
            await Run("ip", "netns", "exec", name, "bash", "-c", "echo hello > /dev/udp/127.0.0.1/9999");
            var seen = DateTime.UtcNow.AddSeconds(10);
            while (!Decode(file).Contains("DstPort=9999, Len=6") && DateTime.UtcNow < seen)
                await Task.Yield();
            Assert.Contains("127.0.0.1\t127.0.0.1\tUDP:SrcPort=", Decode(file));
            await Run("kill", "-TERM", capture.Id.ToString());
            var summary = await capture.StandardError.ReadToEndAsync();
            await capture.WaitForExitAsync();
            Assert.AreEqual(0, capture.ExitCode, summary);
            Assert.Contains($"packets captured to {file}, 0 dropped by the kernel", summary);
        }
        finally
        {
            await Run("ip", "netns", "delete", name);
            File.Delete(file);
        }
    }

    private static string Decode(string file)
    {
        using var copy = new MemoryStream();
        using (var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
            stream.CopyTo(copy);
        return TraceBuilder.Print(copy.ToArray(), options: null);
    }

    private static async Task Run(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, $"{program} {string.Join(' ', arguments)}: {error}");
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
}
