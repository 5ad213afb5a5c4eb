namespace FwRedirect.ControlChannel.Settings.Import;

/// <summary>The verb "import" of both services.</summary>
internal static class ImportRun
{
    /// <summary>Prints the parts of a configuration, and what could not be taken over. 0: all was read; 1: a file could not be.</summary>
    /// <param name="ofClient">For fwredirect; else for fwhost.</param>
    public static int Run(IReadOnlyList<string> files, bool ofClient, TextWriter output, TextWriter errors)
    {
        var import = new SettingsImport();
        var failed = false;
        foreach (var file in files)
        {
            try
            {
                import.Read(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                errors.WriteLine($"{file}: {e.Message}");
                failed = true;
            }
        }

        output.WriteLine(ImportedJson.Write(import, ofClient));
        foreach (var problem in import.Problems)
            errors.WriteLine(problem);
        foreach (var (setting, what) in SettingsCheck.Contradictions(import.Applications.All))
            errors.WriteLine($"{setting}: {what}");
        if (!ofClient && import.Firewall is { } firewall)
            errors.WriteLine($"the firewall {firewall}: is for the clients' files");
        return failed ? 1 : 0;
    }
}
