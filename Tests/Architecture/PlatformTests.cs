using System.Runtime.Versioning;

namespace FwRedirect.Tests.Architecture;

[TestClass]
public sealed class PlatformTests
{
    /// <summary>Enums and records of data run anywhere, but a reader of Linux/ should not have to tell them apart, and no caller elsewhere should depend on them.</summary>
    [TestMethod]
    public void CodeForOneSystemSaysSo()
    {
        var seen = 0;
        var silent = new List<string>();
        foreach (var type in Product.Assemblies.SelectMany(a => a.Assembly.TopLevelTypes()))
        {
            if (SystemOf(type) is not { } system)
                continue;
            seen++;
            var supported = type.GetCustomAttributesData().Where(a => a.AttributeType == typeof(SupportedOSPlatformAttribute))
                .Select(a => (string)a.ConstructorArguments[0].Value!);
            if (!supported.Any(name => name.StartsWith(system, StringComparison.OrdinalIgnoreCase)))
                silent.Add($"{type.FullName}: [SupportedOSPlatform(\"{system}\")] is missing");
        }

        Assert.IsGreaterThan(20, seen, "no folder Linux/ was found");
        Assert.AreEqual("", string.Join('\n', silent));
    }

    private static string? SystemOf(Type type)
    {
        var folders = type.Namespace!.Split('.');
        return folders.Contains("Linux") ? "linux" : folders.Contains("Windows") ? "windows" : null;
    }
}
