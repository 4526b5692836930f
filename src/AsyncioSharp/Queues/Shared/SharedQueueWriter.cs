using System.Runtime.ExceptionServices;
using System.Threading.Channels;

namespace AsyncioSharp;

/// <summary>The putting side of a <see cref="SharedQueue{T}"/> as a channel.</summary>
internal sealed class SharedQueueWriter<T>(SharedQueue<T> queue) : ChannelWriter<T>
{
    public override bool TryWrite(T item) => queue.TryPut(item);

    public override bool TryComplete(Exception? error = null) => queue.TryShutdown(immediate: false, error);

    public override async ValueTask WriteAsync(T item, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (queue.TryPut(item))
            return;
        var waiter = new AsyncCodeWaiter(queue.Putting);
        await queue.WaitAsync(waiter, cancellationToken).ConfigureAwait(false);
        try
        {
            queue.EndPut(waiter, item);
        }
        catch (QueueShutDownException e)
        {
            throw new ChannelClosedException(e.InnerException);
        }
    }

    /// <summary>It promises nothing: another writer may be faster.</summary>
    public override async ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new AsyncCodeWaiter(queue.Putting) { Looks = true };
        await queue.WaitAsync(waiter, cancellationToken).ConfigureAwait(false);
        if (queue.GiveUp(waiter))
            return true;
        if (queue.Failure is { } failure)
            ExceptionDispatchInfo.Throw(failure); // as .NET's own channels have it
        return false;
    }
}
