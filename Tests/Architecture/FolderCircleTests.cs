namespace FwRedirect.Tests.Architecture
{
    /// <summary>Design, decision 12: no folder uses, over however many others, one that uses it.</summary>
    [TestClass]
    public sealed class FolderCircleTests
    {
        [TestMethod]
        public void FoldersMakeNoCircles()
        {
            foreach (var (assembly, folder) in Product.Assemblies)
            {
                var graph = new FolderGraph(assembly.TopLevelTypes());
                Assert.IsGreaterThan(2, graph.Folders.Count, $"{folder}: its folders were not found");
                Assert.AreEqual("", string.Join('\n', graph.Circles()), $"{folder}: a circle of folders");
            }
        }

        /// <summary>The check itself: a circle that exists only in a method body, over three folders, is found and named.</summary>
        [TestMethod]
        public void ACircleThatOnlyCallsMakeIsNamed()
        {
            var graph = new FolderGraph([typeof(SampleA.First), typeof(SampleB.Second), typeof(SampleC.Third)]);
            CollectionAssert.AreEquivalent(
                new[]
                {
                    "Tests/Architecture/SampleA -> Tests/Architecture/SampleB: First uses Second",
                    "Tests/Architecture/SampleB -> Tests/Architecture/SampleC: Second uses Third",
                    "Tests/Architecture/SampleC -> Tests/Architecture/SampleA: Third uses First",
                },
                graph.Circles().ToArray());
        }
    }
}

namespace FwRedirect.Tests.Architecture.SampleA
{
    internal static class First
    {
        public static Func<string> Run() => () => SampleB.Second.Run();
    }
}

namespace FwRedirect.Tests.Architecture.SampleB
{
    internal static class Second
    {
        public static string Run() => new List<SampleC.Third>().Count.ToString();
    }
}

namespace FwRedirect.Tests.Architecture.SampleC
{
    internal sealed record Third
    {
        public object Run() => SampleA.First.Run();
    }
}
