using System.Text;

namespace FwRedirect.FirewallHost.Accounts;

/// <summary>
/// Local accounts, one "DOMAIN:user:password" a line, the form that gss-ntlmssp reads. The passwords stand there in clear text because NTLM's challenge is answered with a hash of the
/// password itself, which the verifier has to compute too: hence the file is its owner's alone.
/// </summary>
internal sealed class AccountFile(string path)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Path => path;

    public bool Exists => File.Exists(path);

    /// <summary>The accounts as DOMAIN\user, without their passwords.</summary>
    /// <exception cref="InvalidDataException">A line is no account; names its number.</exception>
    public IReadOnlyList<string> Names() => [.. Read().Select(account => $"{account.Domain}\\{account.User}")];

    /// <summary>Adds the account, or gives it another password.</summary>
    /// <returns>True where it is new.</returns>
    public bool Set(string domain, string user, string password)
    {
        var accounts = Read();
        var replaced = accounts.RemoveAll(account => Is(account, domain, user)) > 0;
        accounts.Add((domain, user, password));
        Write(accounts);
        return !replaced;
    }

    public bool Remove(string domain, string user)
    {
        var accounts = Read();
        if (accounts.RemoveAll(account => Is(account, domain, user)) == 0)
            return false;
        Write(accounts);
        return true;
    }

    /// <summary>What keeps the file from being used, as a sentence; null where nothing does.</summary>
    public string? Complaint()
    {
        try
        {
            if (!OperatingSystem.IsWindows() && Exists && (File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
                return $"{path}: others may read or write it, and it holds passwords: chmod 600 {path}";
            Read();
            return null;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    /// <summary>What can not stand in a field of the file; null where all is well.</summary>
    public static string? Complaint(string domain, string user, string password)
    {
        if (domain.Length == 0)
            return "the account has no domain: give it as DOMAIN\\user, or set the key Domain";
        if (user.Length == 0 || password.Length == 0)
            return user.Length == 0 ? "the account has no user name" : "the password is empty";
        if ((domain + user).Any(c => c is ':' or '\\' || char.IsControl(c)) || domain.StartsWith('#'))
            return "a domain or user name can not hold a colon, a backslash or a control character";
        return password.Any(char.IsControl) ? "the password can not hold a control character" : null;
    }

    private static bool Is((string Domain, string User, string Password) account, string domain, string user) =>
        account.Domain.Equals(domain, StringComparison.OrdinalIgnoreCase) && account.User.Equals(user, StringComparison.OrdinalIgnoreCase);

    private List<(string Domain, string User, string Password)> Read()
    {
        var accounts = new List<(string, string, string)>();
        if (!Exists)
            return accounts;
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
                continue;
            var parts = line.Split(':', 3);
            if (parts.Length != 3 || Complaint(parts[0], parts[1], parts[2]) is not null)
                throw new InvalidDataException($"{path}, line {number}: is not DOMAIN:user:password");
            accounts.Add((parts[0], parts[1], parts[2]));
        }

        return accounts;
    }

    /// <summary>Written beside and moved over, so that a reader sees the old file or the new one; the mode is set before the first byte.</summary>
    private void Write(List<(string Domain, string User, string Password)> accounts)
    {
        var beside = $"{path}.new";
        File.Delete(beside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var output = new StreamWriter(beside, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), options))
        {
            foreach (var (domain, user, password) in accounts)
                output.Write($"{domain}:{user}:{password}\n");
        }

        File.Move(beside, path, overwrite: true);
    }
}
