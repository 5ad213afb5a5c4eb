using System.Xml.Linq;

namespace FwRedirect.Tests.Architecture;

/// <summary>Redirector -> ControlChannel &lt;- FirewallHost, Diagnostics -> ControlChannel, and nothing else.</summary>
[TestClass]
public sealed class DependencyTests
{
    [TestMethod]
    public void AssembliesReferToControlChannelOnly()
    {
        var own = Product.Assemblies.Select(a => a.Assembly.GetName().Name).ToArray();
        foreach (var (assembly, folder) in Product.Assemblies)
        {
            var referred = assembly.GetReferencedAssemblies().Select(name => name.Name).Intersect(own).ToArray();
            var allowed = folder == "ControlChannel" ? [] : new[] { Product.ControlChannel.GetName().Name };
            CollectionAssert.AreEqual(allowed, referred, $"{folder} refers to {string.Join(", ", referred)}");
        }
    }

    /// <summary>A reference that nobody uses yet does not show in the assembly.</summary>
    [TestMethod]
    public void ProjectsReferToControlChannelOnly()
    {
        foreach (var (_, folder) in Product.Assemblies)
        {
            var project = XDocument.Load(SourceTree.PathOf($"{folder}/{folder}.csproj"));
            var referred = project.Descendants("ProjectReference").Select(r => (string?)r.Attribute("Include")).ToArray();
            var allowed = folder == "ControlChannel" ? [] : new[] { "../ControlChannel/ControlChannel.csproj" };
            CollectionAssert.AreEqual(allowed, referred, $"{folder}.csproj refers to {string.Join(", ", referred)}");
        }
    }
}
