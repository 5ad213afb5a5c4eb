using FwRedirect.Lab.Demo;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Wine;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>The article's session with fwredirect.exe as the client. Its ids begin anew with a new channel: a lab of its own.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class WineArticleTests : WineTest
{
    /// <summary>The listing comes over a New mapping: the server connects to the Linux FTP client. Nobody logs on (NTLM does not work in Wine 8).</summary>
    [TestMethod]
    public async Task The_articles_session_reads_like_the_articles()
    {
        await using WineRoad road = await WineRoad.OpenAsync(Cancellation);
        await road.StartRedirectorAsync(Cancellation);
        try
        {
            string file;
            await using (Capture capture = await Capture.StartAsync(road.Network, "inside", Cancellation))
            {
                file = capture.File;
                CommandResult session = await ArticleSession.RunAsync(road.Network, Cancellation);
                Assert.Contains("220 Microsoft FTP Service", session.Output);
            }

            DecodedCapture trace = await DecodedCapture.DecodeAsync([file], Cancellation);
            TestContext.WriteLine(trace.ToString());
            SequenceDifference? difference = ArticleSequence.InsideWithoutLogon.Check(trace.Lines, []);
            Assert.IsNull(difference, $"{difference}");
        }
        catch
        {
            TestContext.WriteLine(road.Log());
            throw;
        }
    }
}
