using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    private Dictionary<int, SignalHandler>? _signalHandlers;

    /// <summary>
    /// Has a callback called on the loop when this program gets a signal (<c>loop.add_signal_handler()</c>), in place of the
    /// callback before, and of what the signal does by default. Several loops can handle the same signal: each is told.
    /// While any loop has a handler for SIGINT or SIGTERM, that signal does not cancel the main task of a run
    /// (<see cref="RunnerOptions.HandleInterrupt"/>, <see cref="RunnerOptions.HandleTermination"/>).
    /// </summary>
    /// <param name="signal">The signal.</param>
    /// <param name="callback">The callback. It runs between two others, as any callback does, and may do anything.</param>
    /// <exception cref="ArgumentException">No program can handle it, or there is no such signal.</exception>
    /// <exception cref="PlatformNotSupportedException">The system does not have it.</exception>
    public void AddSignalHandler(PosixSignal signal, Action callback) => AddSignalHandler(SignalNumbers.Of(signal), callback);

    /// <inheritdoc cref="AddSignalHandler(PosixSignal, Action)"/>
    /// <param name="signal">The signal's number on this system.</param>
    /// <param name="callback">The callback. It runs between two others, as any callback does, and may do anything.</param>
    public void AddSignalHandler(int signal, Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        CheckSchedule();
        if (!OperatingSystem.IsWindows() && (signal == ChildProcess.KillSignal || signal == (OperatingSystem.IsMacOS() ? 17 : 19)))
            throw new ArgumentException($"Signal {signal} is SIGKILL or SIGSTOP: the system lets no program handle them.", nameof(signal));
        if (signal <= 0)
            throw new ArgumentOutOfRangeException(nameof(signal), signal, "Signals have positive numbers.");
        _signalHandlers ??= [];
        if (_signalHandlers.TryGetValue(signal, out var handler))
        {
            handler.Replace(callback);
            return;
        }
        try
        {
            _signalHandlers.Add(signal, new SignalHandler(this, signal, callback));
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException
            || (e is PlatformNotSupportedException && !OperatingSystem.IsWindows()))
        {
            throw new ArgumentException($"Signal {signal} cannot be handled: {e.Message}", nameof(signal), e);
        }
    }

    /// <summary>Has a signal do again what it does by default (<c>loop.remove_signal_handler()</c>).</summary>
    /// <param name="signal">The signal.</param>
    /// <returns>False if it had no handler.</returns>
    public bool RemoveSignalHandler(PosixSignal signal) => RemoveSignalHandler(SignalNumbers.Of(signal));

    /// <inheritdoc cref="RemoveSignalHandler(PosixSignal)"/>
    /// <param name="signal">The signal's number on this system.</param>
    public bool RemoveSignalHandler(int signal)
    {
        CheckSchedule();
        if (_signalHandlers is null || !_signalHandlers.Remove(signal, out var handler))
            return false;
        handler.Dispose();
        return true;
    }

    private void CloseSignalHandlers()
    {
        if (_signalHandlers is { Count: > 0 } handlers)
            CloseAll(handlers);
    }

    private static void CloseAll(Dictionary<int, SignalHandler> handlers)
    {
        foreach (var handler in handlers.Values)
            handler.Dispose();
        handlers.Clear();
    }
}
