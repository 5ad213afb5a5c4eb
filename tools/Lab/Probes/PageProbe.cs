using System.Net;
using FwRedirect.Lab.Execution;

namespace FwRedirect.Lab.Probes;

/// <summary>A program of .NET as people write them: HttpClient, which resolves, connects and speaks TLS in its own way.</summary>
internal static class PageProbe
{
    public static async Task<int> RunAsync(Uri page, CancellationToken cancellation)
    {
        using var client = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        try
        {
            using HttpResponseMessage response = await client.GetAsync(page, cancellation);
            Console.WriteLine($"HTTP/{response.Version} {(int)response.StatusCode}");
            Console.Write(await response.Content.ReadAsStringAsync(cancellation));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (HttpRequestException exception)
        {
            throw new LabException(exception.Message, exception);
        }
    }
}
