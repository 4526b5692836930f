using System.Diagnostics.CodeAnalysis;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// Passes items from tasks that make them to tasks that use them, first in, first out (<c>asyncio.Queue</c>). With a
/// bound, those who put wait while it is full. Cancelled producers and consumers lose nothing.
/// </summary>
/// <typeparam name="T">The items' type.</typeparam>
public class AsyncQueue<T>
{
    private readonly Queue<T> _items = new();
    private readonly ParkingLot _getters;
    private readonly ParkingLot _putters;
    private readonly ParkingLot _joiners = new();
    private int _unfinished;

    /// <summary>Makes a queue.</summary>
    /// <param name="maxSize">How many items it holds at most; zero or less for as many as come.</param>
    public AsyncQueue(int maxSize = 0)
    {
        MaxSize = maxSize;
        _getters = new ParkingLot(WakeNextGetter);
        _putters = new ParkingLot(WakeNextPutter);
    }

    /// <summary>How many items it holds at most; zero or less for as many as come (<c>Queue.maxsize</c>).</summary>
    public int MaxSize { get; }

    /// <summary>How many items it holds (<c>Queue.qsize()</c>).</summary>
    public int Count => _items.Count;

    /// <summary>Whether it holds none (<c>Queue.empty()</c>).</summary>
    public bool IsEmpty => _items.Count == 0;

    /// <summary>Whether it holds as many as it can (<c>Queue.full()</c>).</summary>
    public bool IsFull => MaxSize > 0 && _items.Count >= MaxSize;

    /// <summary>Whether it was shut down.</summary>
    public bool IsShutDown { get; private set; }

    /// <summary>Puts an item, and waits for room if there is none (<c>Queue.put()</c>).</summary>
    /// <param name="item">The item.</param>
    /// <exception cref="QueueShutDownException">The queue was shut down.</exception>
    public async Coroutine PutAsync(T item)
    {
        // All of it happens when the coroutine runs, not when it is made: one that never runs must not put anything.
        while (IsFull && !IsShutDown)
            await _putters.WaitAsync();
        PutNoWait(item);
    }

    /// <summary>Gets an item, and waits for one if there is none (<c>Queue.get()</c>).</summary>
    /// <exception cref="QueueShutDownException">The queue was shut down and is empty.</exception>
    public async Coroutine<T> GetAsync()
    {
        // Being woken promises nothing: an item may have been got without waiting before this task runs.
        while (IsEmpty && !IsShutDown)
            await _getters.WaitAsync();
        return GetNoWait();
    }

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
            _joiners.WakeAll();
    }

    /// <summary>Waits until every item that was put is dealt with (<c>Queue.join()</c>).</summary>
    public async Coroutine JoinAsync()
    {
        // Once is enough, as in Python: everything was dealt with at that moment, whatever was put since.
        if (_unfinished > 0)
            await _joiners.WaitAsync();
    }

    /// <summary>
    /// Takes no more items (<c>Queue.shutdown()</c>). Those who wait to put are told so at once; those who get, as soon as
    /// nothing is left.
    /// </summary>
    /// <param name="immediate">Whether to drop what is left. Dropped items count as dealt with.</param>
    public void Shutdown(bool immediate = false)
    {
        IsShutDown = true;
        if (immediate)
        {
            while (!IsEmpty)
            {
                _items.Dequeue();
                if (_unfinished > 0)
                    TaskDone();
            }
        }
        // All of them: each finds out for itself whether something is left for it.
        _getters.WakeAll();
        _putters.WakeAll();
    }

    /// <summary>For <c>await foreach</c>: gets items until the queue is shut down and empty.</summary>
    public AsyncQueueEnumerator<T> GetAsyncEnumerator() => new(this);

    internal async Coroutine WaitUntilNotEmptyAsync()
    {
        while (IsEmpty && !IsShutDown)
            await _getters.WaitAsync();
    }

    private void Add(T item)
    {
        _items.Enqueue(item);
        _unfinished++;
        _getters.WakeOne();
    }

    private T Take()
    {
        var item = _items.Dequeue();
        _putters.WakeOne();
        return item;
    }

    // A woken task was cancelled before it ran: the wake-up goes to the next one, if there is still reason for it.
    private void WakeNextGetter()
    {
        if (!IsEmpty)
            _getters.WakeOne();
    }

    private void WakeNextPutter()
    {
        if (!IsFull)
            _putters.WakeOne();
    }
}
