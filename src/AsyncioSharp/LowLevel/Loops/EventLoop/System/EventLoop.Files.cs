using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.LowLevel;

// Files: by default on other threads, as most systems have no other way.
public abstract partial class EventLoop
{
    /// <summary>Reads from a file.</summary>
    /// <returns>How many bytes; 0 at the end.</returns>
    internal virtual Coroutine<int> ReadFileAsync(SafeFileHandle file, Memory<byte> buffer, long offset) =>
        OnThreadAsync(static state => RandomAccess.Read(state.File, state.Buffer.Span, state.Offset), (File: file, Buffer: buffer, Offset: offset));

    /// <summary>Writes all of some data to a file.</summary>
    internal virtual async Coroutine WriteFileAsync(SafeFileHandle file, ReadOnlyMemory<byte> data, long offset) =>
        await OnThreadAsync(static state =>
        {
            RandomAccess.Write(state.File, state.Data.Span, state.Offset);
            return true;
        }, (File: file, Data: data, Offset: offset));

    /// <summary>Waits until what was written to a file is on the disk.</summary>
    internal virtual async Coroutine FlushFileAsync(SafeFileHandle file) =>
        await OnThreadAsync(static file =>
        {
            RandomAccess.FlushToDisk(file);
            return true;
        }, file);

    /// <summary>Runs a function on another thread, and waits for its end also if the task is cancelled.</summary>
    internal async Coroutine<T> OnThreadAsync<TState, T>(Func<TState, T> function, TState state)
    {
        var wait = new FileWait();
        var result = RunInExecutor(
            null, static (call, _) => call.Function(call.State), (Function: function, State: state), CancellationToken.None, wait.End);
        await wait.WaitAsync(() => result.IsFaulted);
        return result.Result;
    }
}
