using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// Where the one task that reads waits for data. A read of bytes gives its own memory, so that they are received straight
/// into it; a search for a separator waits until the reader's buffer holds enough.
/// </summary>
/// <remarks>
/// A read that is cancelled, before or after data was put into its memory, takes nothing with it: the data goes back to the
/// front of the buffer.
/// </remarks>
internal sealed class ReadWait(AsyncStreamReader reader) : Suspension
{
    private const long ForReadiness = 1;

    private AsyncioTask? _owner;
    private AsyncioTask? _task; // the same, until it is woken
    private bool _forReadiness;
    private Memory<byte> _target;
    private int _filled;
    private byte[]? _array;
    private int _arrayLimit;

    /// <summary>Whether a task waits here, or was woken and has not gone on yet.</summary>
    public bool IsTaken => _owner is not null;

    /// <summary>Whether a task waits that data has to be handed to or that is to be woken.</summary>
    public bool IsWaiting => _task is not null;

    /// <summary>How many bytes are still missing: in the memory if there is one, otherwise in the buffer in all.</summary>
    public int Missing { get; private set; }

    /// <summary>Whether a part of what is waited for is in the task's memory, and not all of it.</summary>
    public bool HasPart => _filled > 0 && Missing > 0;

    /// <summary>Whether data is to be put into the task's memory.</summary>
    public bool TakesData => _task is not null && (_arrayLimit > 0 || !_target.IsEmpty);

    /// <summary>Where data can be put, if the task gave memory; otherwise empty.</summary>
    public Memory<byte> Room => _task is null ? default : _target[_filled..];

    /// <summary>Waits until something is in memory.</summary>
    /// <param name="target">The memory.</param>
    public Coroutine WaitAsync(Memory<byte> target)
    {
        _target = target;
        Missing = 1;
        return ParkAsync();
    }

    /// <summary>Waits until memory is full.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="filled">How much of it is full.</param>
    public Coroutine WaitToFillAsync(Memory<byte> target, int filled)
    {
        _target = target;
        _filled = filled;
        Missing = target.Length - filled;
        return ParkAsync();
    }

    /// <summary>Waits for data of unknown length, for which an array is made when it comes.</summary>
    /// <param name="limit">How much to take at most.</param>
    public Coroutine WaitForArrayAsync(int limit)
    {
        _arrayLimit = limit;
        Missing = 1;
        return ParkAsync();
    }

    /// <summary>Waits until the buffer holds enough.</summary>
    /// <param name="length">How much is enough.</param>
    public Coroutine WaitForBufferAsync(int length)
    {
        Missing = length;
        return ParkAsync();
    }

    /// <summary>Waits until a read would not wait.</summary>
    public Coroutine WaitForReadinessAsync() => ParkAsync(ForReadiness);

    /// <summary>Puts data into the task's memory.</summary>
    /// <returns>How much of it was taken.</returns>
    public int Take(ReadOnlySpan<byte> data)
    {
        if (_arrayLimit > 0)
        {
            _target = _array = GC.AllocateUninitializedArray<byte>(Math.Min(_arrayLimit, data.Length));
            _arrayLimit = 0;
        }
        var count = Math.Min(data.Length, _target.Length - _filled);
        data[..count].CopyTo(_target.Span[_filled..]);
        Fill(count);
        return count;
    }

    /// <summary>Data was put into <see cref="Room"/>.</summary>
    public void Fill(int count)
    {
        _filled += count;
        Missing -= count;
    }

    /// <summary>Lets the task go on.</summary>
    public void Wake()
    {
        if (_task is not { } task)
            return;
        _task = null;
        if (_forReadiness)
            Reset(); // it was handed nothing: the reader is free again
        Reschedule(task);
    }

    /// <summary>The task goes on.</summary>
    /// <returns>How many bytes its memory got.</returns>
    public int End()
    {
        var filled = _filled;
        Reset();
        return filled;
    }

    /// <summary>The task goes on, having waited for an array.</summary>
    /// <returns>The array; null if no data came.</returns>
    public byte[]? EndWithArray()
    {
        var array = _array;
        Reset();
        return array;
    }

    /// <summary>The task gives back what its memory got, and goes on waiting.</summary>
    public void GiveBackPart()
    {
        var received = _target[.._filled];
        Missing += _filled;
        _filled = 0;
        reader.Unread(received.Span);
    }

    protected override void OnParked(AsyncioTask task, long argument)
    {
        if (argument == ForReadiness)
        {
            // It has no frame of its own that could look before it waits.
            reader.CheckFree();
            if (reader.CanReadNow)
            {
                Reschedule(task);
                return;
            }
            _forReadiness = true;
            Missing = 1;
        }
        _owner = _task = task;
    }

    protected override void OnCanceled(AsyncioTask task) => GiveBack();

    protected override void OnForfeited(AsyncioTask task)
    {
        if (ReferenceEquals(_owner, task))
            GiveBack();
    }

    protected override string DescribeWait(AsyncioTask task) => $"data from {reader}";

    private void GiveBack()
    {
        var received = _target[.._filled];
        Reset();
        reader.Unread(received.Span);
    }

    private void Reset()
    {
        _owner = _task = null;
        _forReadiness = false;
        _target = default;
        _array = null;
        _filled = 0;
        _arrayLimit = 0;
    }
}
