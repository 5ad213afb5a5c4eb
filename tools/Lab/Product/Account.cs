namespace FwRedirect.Lab.Product;

/// <summary>The account that the firewall knows and that the client's service logs on with.</summary>
public sealed record Account(string Domain, string User, string Password)
{
    public static Account Alice { get; } = new("CONTOSO", "alice", "lab-only-7f3a");

    public string Name => $@"{Domain}\{User}";
}
