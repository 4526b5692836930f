using System.Buffers;

namespace AsyncioSharp.AspNetCore;

// The memory: segments from the first byte that is not used to the last that has come.
internal sealed partial class LoopPipeReader
{
    private ReceivedSegment? _head;
    private ReceivedSegment? _tail;
    private ReceivedSegment? _target; // of the receive that is under way
    private ReceivedSegment? _spare;
    private int _start;
    private int _size = MinSize;
    private long _buffered;
    private long _unseen; // of these, what nobody has looked at
    private bool _ended;
    private bool _paused;
    private Exception? _failure;

    private ReadOnlySequence<byte> Buffered =>
        _head is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_head, _start, _tail!, _tail!.End);

    /// <summary>Where the loop is to receive.</summary>
    public Memory<byte> GetBuffer()
    {
        lock (_lock)
        {
            if (_tail is not null && _tail.Room.Length >= MinRoom)
            {
                _target = _tail;
            }
            else if (_target is null || ReferenceEquals(_target, _tail))
            {
                _target = _spare ?? new ReceivedSegment();
                _spare = null;
                _target.Rent(_size);
            }
            return _target.Room;
        }
    }

    /// <summary>The loop has received. Whoever waits goes on before this returns.</summary>
    public void Received(int count)
    {
        bool goesOn;
        var pauses = false;
        lock (_lock)
        {
            var target = _target!;
            _target = null;
            _size = count < target.Room.Length ? MinSize : Math.Min(_size * 4, MaxSize); // a peer that fills it has more
            if (_completed)
            {
                if (!ReferenceEquals(target, _tail))
                    Recycle(target);
                return;
            }
            target.Fill(count);
            if (_tail is null)
            {
                _head = target;
                _start = target.End - count;
            }
            else if (!ReferenceEquals(target, _tail))
            {
                _tail.Append(target);
            }
            _tail = target;
            _buffered += count;
            _unseen += count;
            goesOn = _wait.Signal();
            // As System.IO.Pipelines.Pipe counts: whoever has looked at all and used nothing waits for more, which has to come.
            if (_unseen > _maxUnseen && !_paused)
                pauses = _paused = true;
        }
        if (pauses)
            PauseReading();
        if (goesOn)
            _wait.Continue(inline: true);
    }

    /// <summary>No more comes. The first reason is the one.</summary>
    /// <param name="failure">Why; null if the client has said that it has sent all.</param>
    /// <param name="inline">Whether the one who waits goes on before this returns, if that is on this thread.</param>
    public void End(Exception? failure, bool inline = true)
    {
        bool goesOn;
        lock (_lock)
        {
            if (!_ended)
                (_ended, _failure) = (true, failure);
            goesOn = _wait.Signal();
        }
        if (goesOn)
            _wait.Continue(inline);
    }

    /// <summary>The connection is gone: nothing will be received into what was to be received into.</summary>
    public void Lose()
    {
        lock (_lock)
        {
            if (_target is { } target && !ReferenceEquals(target, _tail))
                target.Return();
            _target = null;
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var resumes = false;
        using (ExcludeLoop())
        {
            if (_completed || _head is null || consumed.GetObject() is not ReceivedSegment segment)
                return;
            var index = consumed.GetInteger();
            _buffered -= segment.RunningIndex + index - _head.RunningIndex - _start;
            // More may have come since it was read.
            _unseen = examined.GetObject() is ReceivedSegment last
                ? Math.Min(_tail!.RunningIndex + _tail.End - last.RunningIndex - examined.GetInteger(), _buffered)
                : _buffered;
            while (!ReferenceEquals(_head, segment))
            {
                var used = _head!;
                _head = used.Following;
                Recycle(used);
            }
            _start = index;
            if (_buffered == 0)
                DropTail();
            if (_paused && _unseen <= _maxUnseen / 2)
            {
                _paused = false;
                resumes = true;
            }
        }
        if (resumes)
            _connection.TryPost(ResumeReading);
    }

    private void ResumeReading()
    {
        lock (_lock)
        {
            if (_completed || _paused) // again, before this had its turn
                return;
        }
        _connection.Carrier?.ResumeReading();
    }

    private void Drop()
    {
        while (_head is { } head && !ReferenceEquals(head, _tail))
        {
            _head = head.Following;
            Recycle(head);
        }
        DropTail();
        _buffered = _unseen = 0;
    }

    // The loop may be about to receive into it.
    private void DropTail()
    {
        if (_tail is { } tail && !ReferenceEquals(tail, _target))
            Recycle(tail);
        _head = _tail = null;
        _start = 0;
    }

    private void Recycle(ReceivedSegment segment)
    {
        segment.Return();
        _spare = segment;
    }
}
