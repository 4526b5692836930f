using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace AsyncioSharp;

/// <summary>The getting side of a <see cref="SharedQueue{T}"/> as a channel.</summary>
internal sealed class SharedQueueReader<T>(SharedQueue<T> queue) : ChannelReader<T>
{
    public override Task Completion => queue.Completion;

    public override bool CanCount => true;

    public override int Count => queue.Count;

    public override bool TryRead([MaybeNullWhen(false)] out T item) => queue.TryGet(out item);

    public override async ValueTask<T> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (queue.TryGet(out var item))
            return item;
        var waiter = new AsyncCodeWaiter(queue.Getting);
        await queue.WaitAsync(waiter, cancellationToken).ConfigureAwait(false);
        try
        {
            return queue.EndGet(waiter);
        }
        catch (QueueShutDownException e)
        {
            throw new ChannelClosedException(e.InnerException);
        }
    }

    /// <summary>It promises nothing: another reader may be faster.</summary>
    public override async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new AsyncCodeWaiter(queue.Getting) { Looks = true };
        await queue.WaitAsync(waiter, cancellationToken).ConfigureAwait(false);
        if (queue.GiveUp(waiter))
            return true;
        if (queue.Completion.IsFaulted)
            await queue.Completion.ConfigureAwait(false); // as .NET's own channels have it
        return false;
    }
}
