using System.Runtime.InteropServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>Ctrl-C while a runner runs: the first cancels the main task, the second ends the process as ever.</summary>
internal static class Interrupts
{
    public static IDisposable? CancelOnInterrupt(EventLoop loop, AsyncioTask task)
    {
        var count = 0;
        try
        {
            return PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
            {
                if (Interlocked.Increment(ref count) > 1 || task.IsCompleted)
                    return;
                context.Cancel = true;
                loop.PostOrDrop(new ThreadsafeCallback(() => task.Cancel("interrupted"), null));
            });
        }
        catch (PlatformNotSupportedException)
        {
            return null;
        }
    }
}
