using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>A callback of a loop for a signal, which .NET tells of on a thread of its own.</summary>
internal sealed class SignalHandler : IDisposable
{
    private readonly EventLoop _loop;
    private readonly Action _callback;
    private readonly ExecutionContext? _context;
    private readonly PosixSignalRegistration _registration;
    private bool _removed;

    public SignalHandler(EventLoop loop, int signal, Action callback)
    {
        _loop = loop;
        _callback = callback;
        _context = loop.ContextToKeep(null);
        _registration = PosixSignalRegistration.Create(SignalNumbers.ToPosixSignal(signal), OnSignal);
    }

    public void Dispose()
    {
        _removed = true;
        _registration.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        _loop.PostOrDrop(new ThreadsafeCallback(Call, _context));
    }

    private void Call()
    {
        if (!_removed) // while the signal was on its way
            _callback();
    }
}
