using FwRedirect.Lab.Execution;

namespace FwRedirect.Lab.Product;

/// <summary>Where the build has put the programs.</summary>
public static class Executables
{
    public static string Repository { get; } = FindRepository();

    public static string FirewallHost => Built("FirewallHost", "fwhost");

    public static string Redirector => Built("Redirector", "fwredirect");

    public static string Diagnostics => Built("Diagnostics", "fwdiag");

    public static string Lab => Built("Lab", "lab");

    private static string Built(string project, string name)
    {
        string path = Path.Combine(Repository, "artifacts", "bin", project, "release", name);
        return File.Exists(path) ? path : throw new LabException($"{path} is missing: dotnet build FwRedirect.sln -c Release");
    }

    private static string FindRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "FwRedirect.sln"))) return folder.FullName;
        }

        throw new LabException($"there is no FwRedirect.sln above {AppContext.BaseDirectory}");
    }
}
