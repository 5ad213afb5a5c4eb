namespace FwRedirect.Redirector.Installation;

/// <summary>
/// Where the Windows service logs beside the event log: in the folder of its configuration, under the same name. Not in ProgramData, where any user may make a
/// folder before us and lead what LocalSystem writes elsewhere.
/// </summary>
internal static class ServiceLogFile
{
    public static string Beside(string configurationFile) => Path.ChangeExtension(configurationFile, ".log");
}
