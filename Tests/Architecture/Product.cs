using System.Reflection;

namespace FwRedirect.Tests.Architecture;

/// <summary>The four assemblies that are the product.</summary>
internal static class Product
{
    public const string Prefix = "FwRedirect.";

    public static Assembly ControlChannel { get; } = typeof(FwRedirect.ControlChannel.Wire.OpCode).Assembly;

    public static Assembly Redirector { get; } = typeof(FwRedirect.Redirector.Engine.RedirectEngine).Assembly;

    public static Assembly FirewallHost { get; } = typeof(FwRedirect.FirewallHost.Control.Firewall).Assembly;

    public static Assembly Diagnostics { get; } = typeof(FwRedirect.Diagnostics.Decoding.PacketDecoder).Assembly;

    /// <summary>Each with the folder of its sources.</summary>
    public static IReadOnlyList<(Assembly Assembly, string Folder)> Assemblies { get; } =
    [
        (ControlChannel, "ControlChannel"), (Redirector, "Redirector"), (FirewallHost, "FirewallHost"), (Diagnostics, "Diagnostics"),
    ];

    /// <summary>The types that stand in the sources: none that a compiler added for itself.</summary>
    public static IEnumerable<Type> TopLevelTypes(this Assembly assembly) => assembly.GetTypes().Where(type =>
        !type.IsNested && type.Namespace?.StartsWith(Prefix, StringComparison.Ordinal) == true);

    /// <summary>The type that has a file of its own.</summary>
    public static Type TopLevel(this Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type;
    }

    /// <summary>A type and all that is nested in it, lambdas and state machines included.</summary>
    public static IEnumerable<Type> WithNested(this Type type) =>
        type.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic).SelectMany(WithNested).Prepend(type);
}
