namespace FwRedirect.Lab.Execution;

/// <summary>The lab could not be built or one of its programs failed. The message is a sentence for the person at the terminal.</summary>
public sealed class LabException : Exception
{
    public LabException(string message)
        : base(message)
    {
    }

    public LabException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
