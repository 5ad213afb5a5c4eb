using System.CommandLine;
using System.Text;
using FwRedirect.FirewallHost.Accounts;

namespace FwRedirect.FirewallHost.Commands;

/// <summary>fwhost user: the local accounts that NTLM verifies against on Linux.</summary>
internal static class UserCommand
{
    private static readonly Argument<string> Account = new("account") { Description = "DOMAIN\\user, or user in the configured Domain." };

    private static readonly Option<bool> PasswordFromInput = new("--password-stdin")
    {
        Description = "Read the password from the first line of standard input instead of asking for it.",
    };

    public static Command Create()
    {
        var add = new Command("add", "Adds an account or changes its password.") { ConfigurationArguments.Config, Account, PasswordFromInput };
        add.SetAction(parsed => Run(parsed, Add));
        var remove = new Command("remove", "Removes an account.") { ConfigurationArguments.Config, Account };
        remove.SetAction(parsed => Run(parsed, Remove));
        var list = new Command("list", "Lists the accounts.") { ConfigurationArguments.Config };
        list.SetAction(parsed => Run(parsed, (_, file, _) => List(file)));
        return new Command(
            "user", "The local accounts. The account file holds passwords in clear text, because NTLM needs them; it is readable by its owner only.")
        {
            add, remove, list,
        };
    }

    private static int Run(ParseResult parsed, Func<ParseResult, AccountFile, string, int> action)
    {
        if (ConfigurationArguments.Read(parsed) is not { } options)
            return ExitCode.Usage;
        try
        {
            var file = new AccountFile(options.AccountFile);
            return file.Complaint() is { } complaint ? Fail(complaint) : action(parsed, file, options.Domain);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(e.Message);
        }
    }

    private static int Add(ParseResult parsed, AccountFile file, string defaultDomain)
    {
        var (domain, user) = Split(parsed.GetRequiredValue(Account), defaultDomain);
        var password = parsed.GetValue(PasswordFromInput) || Console.IsInputRedirected ? Console.In.ReadLine() ?? "" : Ask($"Password of {domain}\\{user}: ");
        if (AccountFile.Complaint(domain, user, password) is { } complaint)
            return Fail(complaint);
        Console.WriteLine(file.Set(domain, user, password) ? $"{domain}\\{user} added" : $"{domain}\\{user} has a new password");
        return ExitCode.Success;
    }

    private static int Remove(ParseResult parsed, AccountFile file, string defaultDomain)
    {
        var (domain, user) = Split(parsed.GetRequiredValue(Account), defaultDomain);
        if (!file.Remove(domain, user))
            return Fail($"there is no account {domain}\\{user} in {file.Path}");
        Console.WriteLine($"{domain}\\{user} removed");
        return ExitCode.Success;
    }

    private static int List(AccountFile file)
    {
        foreach (var name in file.Names())
            Console.WriteLine(name);
        return ExitCode.Success;
    }

    private static (string Domain, string User) Split(string account, string defaultDomain)
    {
        var at = account.IndexOf('\\', StringComparison.Ordinal);
        return at < 0 ? (defaultDomain, account) : (account[..at], account[(at + 1)..]);
    }

    private static string Ask(string prompt)
    {
        Console.Error.Write(prompt);
        var password = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
                password.Length = Math.Max(0, password.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                password.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return password.ToString();
    }

    private static int Fail(string complaint)
    {
        Console.Error.WriteLine($"fwhost: {complaint}");
        return ExitCode.Failed;
    }
}
