using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// Passes items from tasks that make them to tasks that use them, first in, first out (<c>asyncio.Queue</c>). With a
/// bound, those who put wait while it is full. Cancelled producers and consumers lose nothing.
/// </summary>
/// <typeparam name="T">The items' type.</typeparam>
public class AsyncQueue<T>
{
    private readonly QueueGet<T> _get;
    private readonly ParkingLot _allDone;
    private Queue<T>? _items; // those that store them otherwise have none
    private int _unfinished;

    internal WaitingLine Getters;
    internal WaitingLine Putters;

    /// <summary>Makes a queue (<c>asyncio.Queue()</c>).</summary>
    /// <param name="maxSize">How many items it holds at most (<c>maxsize</c>); zero or less for as many as come.</param>
    public AsyncQueue(int maxSize = 0)
    {
        MaxSize = maxSize;
        _get = new QueueGet<T>(this);
        _allDone = new ParkingLot(this, "all items to be done of ");
        _allDone.Open();
    }

    /// <summary>How many items it holds at most; zero or less for as many as come (<c>Queue.maxsize</c>).</summary>
    public int MaxSize { get; }

    /// <summary>How many items it holds (<c>Queue.qsize()</c>).</summary>
    public int Count { get; private set; }

    /// <summary>Whether it holds none (<c>Queue.empty()</c>).</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>Whether it holds as many as it can (<c>Queue.full()</c>).</summary>
    public bool IsFull => MaxSize > 0 && Count >= MaxSize;

    /// <summary>Whether it was shut down.</summary>
    public bool IsShutDown { get; private set; }

    internal bool CanGet => !IsEmpty || IsShutDown;

    internal bool CanPut => !IsFull || IsShutDown;

    /// <summary>Puts an item, and waits for room if there is none (<c>Queue.put()</c>).</summary>
    /// <param name="item">The item.</param>
    /// <exception cref="QueueShutDownException">The queue was shut down.</exception>
    public Coroutine PutAsync(T item) => QueuePut<T>.Of(this, item);

    /// <summary>Gets an item, and waits for one if there is none (<c>Queue.get()</c>).</summary>
    /// <exception cref="QueueShutDownException">The queue was shut down and is empty.</exception>
    public Coroutine<T> GetAsync() => _get.WaitAsync();

    /// <summary>Puts an item if there is room (<c>Queue.put_nowait()</c>).</summary>
    /// <param name="item">The item.</param>
    /// <exception cref="QueueFullException">There is none.</exception>
    /// <exception cref="QueueShutDownException">The queue was shut down.</exception>
    public void PutNoWait(T item)
    {
        if (IsShutDown)
            throw new QueueShutDownException();
        if (IsFull)
            throw new QueueFullException();
        Add(item);
    }

    /// <summary>Gets an item if there is one (<c>Queue.get_nowait()</c>).</summary>
    /// <exception cref="QueueEmptyException">There is none.</exception>
    /// <exception cref="QueueShutDownException">The queue was shut down and is empty.</exception>
    public T GetNoWait()
    {
        if (!IsEmpty)
            return Take();
        throw IsShutDown ? new QueueShutDownException() : new QueueEmptyException();
    }

    /// <summary>Puts an item if there is room and the queue was not shut down.</summary>
    /// <param name="item">The item.</param>
    /// <returns>False if it was not put.</returns>
    public bool TryPut(T item)
    {
        if (IsShutDown || IsFull)
            return false;
        Add(item);
        return true;
    }

    /// <summary>Gets an item if there is one.</summary>
    /// <param name="item">The item.</param>
    /// <returns>False if there is none.</returns>
    public bool TryGet([MaybeNullWhen(false)] out T item)
    {
        if (IsEmpty)
        {
            item = default;
            return false;
        }
        item = Take();
        return true;
    }

    /// <summary>Says that an item that was got is dealt with (<c>Queue.task_done()</c>).</summary>
    /// <exception cref="InvalidOperationException">It was called more often than items were put.</exception>
    public void TaskDone()
    {
        if (_unfinished == 0)
            throw new InvalidOperationException("TaskDone was called more often than items were put into the queue.");
        if (--_unfinished == 0)
            _allDone.Open();
    }

    /// <summary>Waits until every item that was put is dealt with (<c>Queue.join()</c>).</summary>
    public Coroutine JoinAsync() => _allDone.WaitAsync();

    /// <summary>
    /// Takes no more items (<c>Queue.shutdown()</c>). Those who wait to put are told so at once; those who get, as soon as
    /// nothing is left.
    /// </summary>
    /// <param name="immediate">Whether to drop what is left. Dropped items count as dealt with.</param>
    public void Shutdown(bool immediate = false)
    {
        IsShutDown = true;
        try
        {
            while (immediate && !IsEmpty)
            {
                Remove();
                if (_unfinished > 0)
                    TaskDone();
            }
        }
        finally
        {
            // All of them: each finds out for itself whether something is left for it.
            while (WakeGetter() || WakePutter())
            {
            }
        }
    }

    /// <summary>For <c>await foreach</c>: gets items until the queue is shut down and empty.</summary>
    public AsyncQueueEnumerator<T> GetAsyncEnumerator() => new(this);

    /// <summary>How many items it holds, who waits, and how many items are not dealt with.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{GetType().Name.Split('`')[0]} [items:{Count}");
        if (MaxSize > 0)
            text.Append(CultureInfo.InvariantCulture, $" of {MaxSize}");
        if (Getters.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $", getters:{Getters.Count}");
        if (Putters.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $", putters:{Putters.Count}");
        if (_unfinished > 0)
            text.Append(CultureInfo.InvariantCulture, $", unfinished:{_unfinished}");
        if (IsShutDown)
            text.Append(", shut down");
        return text.Append(']').ToString();
    }

    internal bool WakeGetter() => Wake(ref Getters);

    internal bool WakePutter() => Wake(ref Putters);

    /// <summary>Stores an item (<c>Queue._put()</c>). Override it, with <see cref="RemoveItem"/>, for another order.</summary>
    /// <param name="item">The item.</param>
    protected virtual void AddItem(T item) => (_items ??= new Queue<T>()).Enqueue(item);

    /// <summary>Takes out the item whose turn it is (<c>Queue._get()</c>); there is one.</summary>
    protected virtual T RemoveItem() => _items!.Dequeue();

    private void Add(T item)
    {
        CheckThread();
        try
        {
            AddItem(item);
        }
        catch
        {
            // It may have been woken for room that it does not take now: the next one can.
            if (!IsFull)
                WakePutter();
            throw;
        }
        Count++;
        if (_unfinished++ == 0)
            _allDone.Close();
        if (!Getters.IsEmpty)
            WakeGetter();
    }

    private void CheckThread()
    {
        Getters.CheckThread();
        Putters.CheckThread();
    }

    private T Take()
    {
        CheckThread();
        var item = Remove();
        if (!Putters.IsEmpty)
            WakePutter();
        return item;
    }

    private T Remove()
    {
        try
        {
            var item = RemoveItem();
            Count--;
            return item;
        }
        catch
        {
            WakeGetter(); // the item is still there, and may have been what this one was woken for
            throw;
        }
    }

    private static bool Wake(ref WaitingLine line)
    {
        if (line.Next() is not { } task)
            return false;
        task.MakeReadyToAsk();
        return true;
    }
}
