using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>A callback of a loop for a signal, which .NET tells of on a thread of its own.</summary>
internal sealed class SignalHandler : IDisposable
{
    // How many there are of those that end programs. .NET tells of signals on a thread of its own, where no loop's can be looked for.
    private static int s_interrupts;
    private static int s_terminations;

    private readonly EventLoop _loop;
    private readonly PosixSignal _signal;
    private readonly PosixSignalRegistration _registration;
    private Action _callback;
    private ExecutionContext? _context;
    private bool _removed;

    public SignalHandler(EventLoop loop, int signal, Action callback)
    {
        _loop = loop;
        Replace(callback);
        _signal = SignalNumbers.ToPosixSignal(signal);
        _registration = PosixSignalRegistration.Create(_signal, OnSignal);
        Count(1);
    }

    /// <summary>Whether any loop has a handler for SIGINT or SIGTERM.</summary>
    public static bool IsThereFor(PosixSignal signal) =>
        Volatile.Read(ref signal == PosixSignal.SIGINT ? ref s_interrupts : ref s_terminations) != 0;

    /// <summary>Has another callback called from now on, also for a signal that is on its way.</summary>
    [MemberNotNull(nameof(_callback))]
    public void Replace(Action callback)
    {
        _callback = callback;
        _context = _loop.ContextToKeep(null);
    }

    public void Dispose()
    {
        if (!_removed)
            Count(-1);
        _removed = true;
        _registration.Dispose();
    }

    private void Count(int change)
    {
        if (_signal == PosixSignal.SIGINT)
            Interlocked.Add(ref s_interrupts, change);
        else if (_signal == PosixSignal.SIGTERM)
            Interlocked.Add(ref s_terminations, change);
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        _loop.PostOrDrop(new ThreadsafeCallback(Call, null));
    }

    private void Call()
    {
        if (_removed)
            return; // while the signal was on its way
        if (_context is not null)
            ExecutionContext.Restore(_context); // the loop restores its own after each callback
        _callback();
    }
}
