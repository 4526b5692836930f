using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.LowLevel;

// Files: what the system has in its cache is read at once, which takes less than handing the read on.
public abstract partial class LinuxEventLoop
{
    // What is longer takes longer to copy than to hand on, and would hold up the loop.
    private const int MaxReadAtOnce = 64 * 1024;

    // A task that reads on and on has to let others run in between.
    private const int MaxReadsAtOnce = 16;

    private int _readsAtOnce;

    internal sealed override Coroutine<int> ReadFileAsync(SafeFileHandle file, Memory<byte> buffer, long offset)
    {
        if (buffer.Length is 0 or > MaxReadAtOnce)
            return ReadUncachedAsync(file, buffer, offset);
        if (_readsAtOnce == MaxReadsAtOnce)
            return ReadInNextTurnAsync(file, buffer, offset);
        var count = Libc.ReadCached(file, buffer.Span, offset);
        // Linux 5.9 and 5.10 say 0 also where they would have to wait.
        if (count < 0 || (count == 0 && offset < RandomAccess.GetLength(file)))
            return ReadUncachedAsync(file, buffer, offset); // which also tells what is wrong
        _readsAtOnce++;
        return Coroutine.FromResult(count);
    }

    /// <summary>Reads what may have to be fetched from the disk.</summary>
    /// <inheritdoc cref="EventLoop.ReadFileAsync" path="/returns"/>
    private protected virtual Coroutine<int> ReadUncachedAsync(SafeFileHandle file, Memory<byte> buffer, long offset) =>
        base.ReadFileAsync(file, buffer, offset);

    private async Coroutine<int> ReadInNextTurnAsync(SafeFileHandle file, Memory<byte> buffer, long offset)
    {
        await Coroutine.Yield();
        _readsAtOnce = 0;
        return await ReadFileAsync(file, buffer, offset);
    }
}
