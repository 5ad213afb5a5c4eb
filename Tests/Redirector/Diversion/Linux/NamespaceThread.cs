using System.Runtime.ExceptionServices;

namespace FwRedirect.Tests.Redirector.Diversion.Linux;

internal sealed class NamespaceThread(Thread thread, Func<ExceptionDispatchInfo?> failure)
{
    public void Join()
    {
        if (!thread.Join(TimeSpan.FromSeconds(30))) throw new TimeoutException("a thread in a namespace did not end in 30 s");
        failure()?.Throw();
    }
}
