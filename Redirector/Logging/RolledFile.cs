using System.Text;

namespace FwRedirect.Redirector.Logging;

/// <summary>
/// A text file that never takes more than its share: full, it becomes FILE.1, the older ones move up, and the oldest goes. A line that can not be written is
/// lost and nobody is told: a full disk ends no service.
/// </summary>
internal sealed class RolledFile(string path, long largest = RolledFile.Largest, int kept = RolledFile.Kept) : IDisposable
{
    /// <summary>A day of Information on a busy machine; a text editor opens it at once.</summary>
    public const long Largest = 4 * 1024 * 1024;

    /// <summary>With the one that is written, 16 MiB.</summary>
    public const int Kept = 3;

    private readonly Lock _gate = new();
    private FileStream? _file;

    public string FilePath => path;

    public void WriteLine(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line + Environment.NewLine);
        lock (_gate)
        {
            try
            {
                _file ??= Open();
                if (_file.Length > 0 && _file.Length + bytes.Length > largest)
                {
                    _file.Dispose();
                    _file = null;
                    Roll();
                    _file = Open();
                }

                _file.Write(bytes);
                _file.Flush();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                _file?.Dispose();
                _file = null;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private FileStream Open() => new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);

    private void Roll()
    {
        for (var number = kept; number > 0; number--)
        {
            var from = number == 1 ? path : Numbered(number - 1);
            if (File.Exists(from))
                File.Move(from, Numbered(number), overwrite: true);
        }
    }

    private string Numbered(int number) => $"{path}.{number}";
}
