using System.Runtime.InteropServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// What cancels the main task of a run from outside. Of Ctrl-C the first does while the task runs, the second ends the process as ever.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly EventLoop _loop;
    private readonly AsyncioTask _task;
    private readonly ProgramSignal? _interrupt;
    private readonly ProgramSignal? _termination;
    private readonly TimeSpan _reportDelay;
    private int _first; // the signal that came first; 0 for none
    private UnansweredCancellations? _unanswered;

    public Interrupts(EventLoop loop, AsyncioTask task, RunnerOptions options)
    {
        _loop = loop;
        _task = task;
        _reportDelay = options.UnansweredReportDelay;
        if (options.HandleInterrupt)
            (_interrupt = ProgramSignal.Interrupt).Add(this);
        if (options.HandleTermination)
            (_termination = ProgramSignal.Termination).Add(this);
    }

    /// <summary>Whether a signal has cancelled the task, which has ended for no other reason, and by which.</summary>
    public bool HasEndedTask(out PosixSignal signal)
    {
        signal = (PosixSignal)Volatile.Read(ref _first);
        return signal != 0 && _task.IsCanceled && _task.Uncancel() == 0;
    }

    public void Dispose()
    {
        _interrupt?.Remove(this);
        _termination?.Remove(this);
        _unanswered?.Dispose();
    }

    /// <summary>Cancels the task, on the loop, and sees to it that it is told if that is not answered.</summary>
    public void Cancel(string? message)
    {
        if (_task.Cancel(message))
            _unanswered ??= new UnansweredCancellations(_loop, _reportDelay);
    }

    /// <summary>A signal has come; on a thread of .NET's.</summary>
    public void OnSignal(PosixSignalContext context)
    {
        // A handler that the program has given a loop is there instead, and the signal must not count as the first Ctrl-C either.
        if (SignalHandler.IsThereFor(context.Signal))
            return;
        if (Interlocked.CompareExchange(ref _first, (int)context.Signal, 0) != 0 || _task.IsCompleted)
            return;
        context.Cancel = true;
        _loop.PostOrDrop(new ThreadsafeCallback(() => Cancel("interrupted"), null));
    }
}
