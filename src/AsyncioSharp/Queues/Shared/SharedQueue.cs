using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// Passes items between loops and threads, first in, first out: an <see cref="AsyncQueue{T}"/> that belongs to no loop. Coroutines of
/// any loop wait for it, threads are blocked by it, .NET's asynchronous code sees a channel
/// (<see cref="AsChannelReader"/>, <see cref="AsChannelWriter"/>).
/// </summary>
/// <remarks>
/// Whoever has waited longest is next, wherever it waits; nobody overtakes. A wait that is cancelled loses and duplicates nothing: an item
/// stays in the queue until it is taken by somebody who goes on with it. Without waiting nothing is allocated.
/// </remarks>
/// <typeparam name="T">The items' type.</typeparam>
public sealed partial class SharedQueue<T>
{
    private readonly object _gate = new();
    private readonly Queue<T> _items = new();

    /// <summary>Makes a queue.</summary>
    /// <param name="maxSize">How many items it holds at most; zero or less for as many as come.</param>
    public SharedQueue(int maxSize = 0)
    {
        MaxSize = maxSize;
        _getting = new SharedSide(this);
        _putting = new SharedSide(this);
    }

    /// <summary>How many items it holds at most; zero or less for as many as come.</summary>
    public int MaxSize { get; }

    /// <summary>How many items it holds. Others may change that at any moment.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _items.Count;
        }
    }

    /// <summary>Whether it was shut down.</summary>
    public bool IsShutDown { get; private set; }

    /// <summary>Puts an item, and waits for room if there is none. On a loop's thread.</summary>
    /// <param name="item">The item.</param>
    /// <exception cref="QueueShutDownException">The queue was shut down.</exception>
    /// <exception cref="InvalidOperationException">No loop runs on this thread. Use <see cref="Put"/> there, or
    /// <see cref="AsChannelWriter"/>.</exception>
    public async Coroutine PutAsync(T item)
    {
        if (!TryPut(item))
            EndPut(await WaitAsync(_putting), item);
    }

    /// <summary>Gets an item, and waits for one if there is none. On a loop's thread.</summary>
    /// <exception cref="QueueShutDownException">The queue was shut down and is empty.</exception>
    /// <exception cref="InvalidOperationException">No loop runs on this thread. Use <see cref="Get"/> there, or
    /// <see cref="AsChannelReader"/>.</exception>
    public async Coroutine<T> GetAsync()
    {
        return TryGet(out var item) ? item : EndGet(await WaitAsync(_getting));
    }

    /// <summary>Puts an item, and blocks this thread while there is no room.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Ends the wait; the item is not put then.</param>
    /// <exception cref="QueueShutDownException">The queue was shut down.</exception>
    /// <exception cref="InvalidOperationException">A loop runs on this thread, and would be blocked.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void Put(T item, CancellationToken cancellationToken = default)
    {
        CheckMayBlock();
        if (!TryPut(item))
            EndPut(Wait(_putting, cancellationToken), item);
    }

    /// <summary>Gets an item, and blocks this thread while there is none.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="QueueShutDownException">The queue was shut down and is empty.</exception>
    /// <exception cref="InvalidOperationException">A loop runs on this thread, and would be blocked.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public T Get(CancellationToken cancellationToken = default)
    {
        CheckMayBlock();
        return TryGet(out var item) ? item : EndGet(Wait(_getting, cancellationToken));
    }

    /// <summary>Puts an item if there is room, nobody waits for that, and the queue was not shut down. On any thread.</summary>
    /// <param name="item">The item.</param>
    /// <returns>False if it was not put.</returns>
    public bool TryPut(T item)
    {
        SharedWaiter? woken;
        lock (_gate)
        {
            if (IsShutDown || Room <= 0)
                return false;
            _items.Enqueue(item);
            woken = GrantItem();
        }
        WakeAll(woken);
        return true;
    }

    /// <summary>Gets an item if there is one that is not kept for somebody who waits. On any thread.</summary>
    /// <param name="item">The item.</param>
    /// <returns>False if there is none.</returns>
    public bool TryGet([MaybeNullWhen(false)] out T item)
    {
        SharedWaiter? woken;
        lock (_gate)
        {
            if (Available <= 0)
            {
                item = default;
                return false;
            }
            item = _items.Dequeue();
            woken = AfterTaking();
        }
        WakeAll(woken);
        return true;
    }

    /// <summary>
    /// Takes no more items, on any thread. Those who wait to put are told so at once; those who get, as soon as nothing is left.
    /// </summary>
    /// <param name="immediate">Whether to drop what is left.</param>
    public void Shutdown(bool immediate = false) => TryShutdown(immediate, null);

    /// <summary>For <c>await foreach</c> in coroutines: gets items until the queue is shut down and empty.</summary>
    public SharedQueueEnumerator<T> GetAsyncEnumerator() => new(this);

    /// <summary>The getting side as a channel, for .NET's asynchronous code on any thread. All readers share the items. Who only looks
    /// (<see cref="ChannelReader{T}.WaitToReadAsync"/>, <see cref="ChannelReader{T}.ReadAllAsync"/>) is told of what nobody waits for: use
    /// <see cref="ChannelReader{T}.ReadAsync"/> where others wait for the same items.</summary>
    public ChannelReader<T> AsChannelReader() => new SharedQueueReader<T>(this);

    /// <summary>The putting side as a channel, for .NET's asynchronous code on any thread. Completing it shuts the queue down.</summary>
    public ChannelWriter<T> AsChannelWriter() => new SharedQueueWriter<T>(this);

    /// <summary>How many items it holds, and who waits.</summary>
    public override string ToString()
    {
        lock (_gate)
        {
            var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"SharedQueue [items:{_items.Count}");
            if (MaxSize > 0)
                text.Append(CultureInfo.InvariantCulture, $" of {MaxSize}");
            if (_getting.Count > 0)
                text.Append(CultureInfo.InvariantCulture, $", getters:{_getting.Count}");
            if (_putting.Count > 0)
                text.Append(CultureInfo.InvariantCulture, $", putters:{_putting.Count}");
            if (IsShutDown)
                text.Append(", shut down");
            return text.Append(']').ToString();
        }
    }

    private static void CheckMayBlock()
    {
        if (EventLoop.RunningOrNull is not null)
            throw new InvalidOperationException("An event loop runs on this thread and would be blocked. Await GetAsync or PutAsync instead.");
    }
}
