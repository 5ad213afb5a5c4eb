using System.Runtime.Versioning;
using CsCheck;
using FwRedirect.Redirector.Installation;
using FwRedirect.Redirector.Installation.Windows;

namespace FwRedirect.Tests.Redirector.Installation.Windows;

[TestClass]
[SupportedOSPlatform("windows")]
public sealed class ServiceCommandLineTests
{
    [TestMethod]
    public void PathsWithBlanksAreQuoted()
    {
        var service = new ServiceDefinition(@"C:\Program Files\FwRedirect\fwredirect.exe", @"D:\a b\fwredirect.json", []);
        var line = ServiceCommandLine.Format(service.CommandLine);
        Assert.AreEqual(@"""C:\Program Files\FwRedirect\fwredirect.exe"" ""run"" ""--config"" ""D:\a b\fwredirect.json""", line);
        Assert.AreEqual(service.ConfigurationFile, ServiceDefinition.FindConfigurationFile(ServiceCommandLine.Split(line)));
    }

    /// <summary>The examples of Microsoft's page on parsing command lines, but for its undocumented "" within quotes.</summary>
    [TestMethod]
    [DataRow("\"abc\" d e", new[] { "abc", "d", "e" })]
    [DataRow(@"a\\b d""e f""g h", new[] { @"a\\b", "de fg", "h" })]
    [DataRow(@"a\\\""b c d", new[] { @"a\""b", "c", "d" })]
    [DataRow(@"a\\\\""b c"" d e", new[] { @"a\\b c", "d", "e" })]
    [DataRow("  \"\"\t x", new[] { "", "x" })]
    public void WindowsReadsLinesSo(string line, string[] arguments) => CollectionAssert.AreEqual(arguments, ServiceCommandLine.Split(line).ToArray());

    [TestMethod]
    public void WhateverIsWrittenIsReadBack() =>
        Gen.Char["ab \\\"\t"].Array[0, 8].Select(letters => new string(letters)).Array[0, 5]
            .Sample(arguments => CollectionAssert.AreEqual(arguments, ServiceCommandLine.Split(ServiceCommandLine.Format(arguments)).ToArray()));
}
