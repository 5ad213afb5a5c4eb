using FwRedirect.ControlChannel.Session;

namespace FwRedirect.Tests.Architecture;

/// <summary>
/// Design, decision 4: the engine and the session cores get packets, messages and time handed in. They do no I/O, start no thread, read no clock and write no log.
/// </summary>
[TestClass]
public sealed class PurityTests
{
    private static readonly string[] ImpureNamespaces =
        ["System.Net.Sockets", "System.IO", "System.Threading.Tasks", "System.Timers", "System.Threading.Channels", "Microsoft.Extensions.Logging"];

    private static readonly string[] ImpureTypes =
    [
        "System.Threading.Thread", "System.Threading.ThreadPool", "System.Threading.Timer", "System.Threading.PeriodicTimer", "System.TimeProvider",
        "System.Diagnostics.Stopwatch", "System.Diagnostics.Process", "System.Console", "System.Random",
    ];

    private static readonly string[] ImpureMembers =
    [
        "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today", "System.DateTimeOffset.get_Now",
        "System.DateTimeOffset.get_UtcNow", "System.Environment.get_TickCount", "System.Environment.get_TickCount64",
    ];

    /// <summary>Names of address families and of errors: they stand in the namespace of sockets and do nothing.</summary>
    private static readonly string[] Allowed = ["System.Net.Sockets.AddressFamily", "System.Net.Sockets.SocketError"];

    [TestMethod]
    public void TheEngineIsPure()
    {
        foreach (var folder in new[] { "Engine", "Packets", "Names" })
        {
            var types = Product.Redirector.TopLevelTypes().Where(t => t.Namespace == $"FwRedirect.Redirector.{folder}").ToArray();
            Assert.IsGreaterThan(5, types.Length, $"Redirector/{folder} was not found");
            Assert.AreEqual("", string.Join('\n', types.SelectMany(Impurities)));
        }
    }

    [TestMethod]
    public void TheSessionCoresArePure() =>
        Assert.AreEqual("", string.Join('\n', new[] { typeof(ClientSession), typeof(ServerSession), typeof(SessionAction) }.SelectMany(Impurities)));

    /// <summary>The check itself: what is impure in this assembly is found, in lambdas too.</summary>
    [TestMethod]
    public void AnImpureTypeIsNamed() => CollectionAssert.AreEquivalent(
        new[] { "Impure: System.DateTime.get_UtcNow", "Impure: System.IO.File", "Impure: System.IO.File.Exists" }, Impurities(typeof(Impure)).ToArray());

    private static IEnumerable<string> Impurities(Type type) =>
        from reference in type.WithNested().SelectMany(CodeReferences.Of).Distinct()
        let name = reference is Type named ? named.FullName! : $"{reference.DeclaringType?.FullName}.{reference.Name}"
        where ImpureMembers.Contains(name) || IsImpure((reference as Type ?? reference.DeclaringType)!.TopLevel())
        orderby name
        select $"{type.Name}: {name}";

    private static bool IsImpure(Type type) => !Allowed.Contains(type.FullName)
        && (ImpureTypes.Contains(type.FullName) || ImpureNamespaces.Any(ns => type.Namespace == ns || type.Namespace?.StartsWith(ns + ".", StringComparison.Ordinal) == true));

    private static class Impure
    {
        public static Func<bool> Run() => () => DateTime.UtcNow.Year > 0 && File.Exists("x");
    }
}
