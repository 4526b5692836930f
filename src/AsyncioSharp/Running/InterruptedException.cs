using System.Runtime.InteropServices;

namespace AsyncioSharp;

/// <summary>
/// A program was cancelled by Ctrl-C, or another signal, and has ended for that reason (where asyncio raises
/// <c>KeyboardInterrupt</c>). If nobody catches it the process ends with the exit code that says so, 130 for Ctrl-C, and without
/// a report of a crash.
/// </summary>
public sealed class InterruptedException : CanceledException
{
    private const int SignalExitCodes = 128;

    static InterruptedException() => AppDomain.CurrentDomain.UnhandledException += static (_, unhandled) =>
    {
        // What has waited for the program on its way may have wrapped it.
        for (var exception = unhandled.ExceptionObject as Exception; exception is not null; exception = exception.InnerException)
        {
            if (exception is InterruptedException interrupted)
                Environment.Exit(interrupted.ExitCode);
        }
    };

    internal InterruptedException(PosixSignal signal, CanceledException cancellation)
        : base(cancellation.CancelMessage, cancellation) => Signal = signal;

    /// <summary>The signal.</summary>
    public PosixSignal Signal { get; }

    /// <summary>The exit code by which shells know that a signal has ended a process: 128 and the signal's number.</summary>
    public int ExitCode => SignalExitCodes + LowLevel.SignalNumbers.Of(Signal);
}
