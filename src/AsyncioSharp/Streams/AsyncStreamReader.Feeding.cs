using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

// The side on which data comes in.
public sealed partial class AsyncStreamReader
{
    // Memory shorter than this is filled through the loop's buffer: receiving straight into it would need a second call
    // to see whether there is more, which costs more than the copy.
    private const int MinDirectRoom = 16 * 1024;

    private bool _direct;

    // Who misses more is woken when all of it is there, as each time costs a turn.
    private const int MaxMissing = 1024;

    // Whoever waited for data was told that there is some, and it was left in the kernel for that task to receive: straight into what it reads into,
    // or else into a buffer that it empties at once, so that all connections share a few, which stay in the cache. What it answers is sent behind
    // that, before anything is received for others. Whatever happens, the transport comes back in its next turn and receives what is left.
    private bool _isDataLeft;

    /// <summary>Whether a task reads.</summary>
    internal bool IsBeingRead => _wait.IsTaken;

    /// <summary>Whether a read would not wait.</summary>
    internal bool CanReadNow => !_buffer.IsEmpty || _eof || _exception is not null || _isDataLeft;

    /// <summary>Hands data to whoever reads (<c>feed_data()</c>).</summary>
    /// <param name="data">The data; it is copied.</param>
    /// <exception cref="InvalidOperationException"><see cref="FeedEof"/> was called before.</exception>
    public void FeedData(ReadOnlySpan<byte> data)
    {
        Loop.CheckThread();
        if (_eof)
            throw new InvalidOperationException("FeedEof was called: no data can come after the end.");
        Take(data);
    }

    /// <summary>The peer has ended its side (<c>feed_eof()</c>).</summary>
    public void FeedEof()
    {
        Loop.CheckThread();
        _isDataLeft = false;
        _eof = true;
        _wait.Wake();
    }

    /// <summary>The connection was lost: reads throw (<c>set_exception()</c>).</summary>
    /// <param name="exception">What they throw.</param>
    public void SetException(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        Loop.CheckThread();
        _isDataLeft = false;
        _exception = exception;
        _wait.Wake();
    }

    /// <summary>Says which transport is paused when too much data comes (<c>set_transport()</c>).</summary>
    /// <param name="transport">The transport.</param>
    /// <exception cref="InvalidOperationException">It has one.</exception>
    public void SetTransport(Transport transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        if (_transport is not null)
            throw new InvalidOperationException("The reader has a transport already. Make a reader for each connection.");
        _transport = transport;
    }

    /// <summary>Data has come, which lies in memory of somebody else.</summary>
    internal void Take(ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
            Feed(data);
    }

    /// <summary>Makes sure that no task has a part of what it reads. It would get the rest of a connection that is encrypted from now on,
    /// behind what anybody could have sent.</summary>
    /// <exception cref="InvalidOperationException">A task has.</exception>
    internal void CheckNothingReadInPart()
    {
        if (_wait.IsTaken && (!_buffer.IsEmpty || _wait.HasPart))
        {
            throw new InvalidOperationException(
                "A task is reading from this connection, and a part of what it reads has come. Await or cancel that before the connection changes.");
        }
    }

    /// <summary>Leaves its transport, from which somebody else takes what comes from now on.</summary>
    /// <returns>What has come and was not read yet, or in part only.</returns>
    internal byte[] Detach()
    {
        _transport = null;
        _paused = _isDataLeft = false;
        if (_wait.HasPart)
            _wait.GiveBackPart();
        return _buffer.Take(_buffer.Length);
    }

    /// <summary>There is data: whether it is left where it is for now, as the task that is told of it will read.</summary>
    internal bool TryLeaveData()
    {
        if (!_wait.IsWaiting || _wait.Missing > MaxMissing)
            return false;
        _isDataLeft = true;
        _wait.Wake();
        return true;
    }

    /// <summary>Where to receive into: the memory of whoever waits, or the loop's buffer.</summary>
    internal Memory<byte> GetReceiveBuffer()
    {
        _isDataLeft = false;
        var room = _wait.Room;
        _direct = room.Length >= MinDirectRoom;
        return _direct ? room : Loop.ReceiveBuffer;
    }

    /// <summary>Data was received into what <see cref="GetReceiveBuffer"/> gave.</summary>
    internal void Received(int count)
    {
        if (!_direct)
        {
            Feed(Loop.ReceiveBuffer.AsSpan(0, count));
            return;
        }
        _wait.Fill(count);
        if (_wait.Missing <= 0)
            _wait.Wake();
    }

    /// <summary>Takes back what a read that was cancelled had got.</summary>
    internal void Unread(ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
            _buffer.Prepend(data);
        PauseIfFull();
    }

    // The task goes on: what was left in the kernel for it is received.
    private void TakeWhatWasLeft() => Take(ReceiveWhatWasLeft());

    // It lies in the loop's buffer: for now.
    private ReadOnlySpan<byte> ReceiveWhatWasLeft()
    {
        if (!_isDataLeft)
            return default;
        var buffer = Loop.ReceiveBuffer.AsSpan();
        return buffer[..ReceiveNow(buffer)];
    }

    // Once in a turn: more often, a peer that sends without end would hold everybody else up.
    private int ReceiveNow(Span<byte> room)
    {
        _isDataLeft = false;
        var count = _transport?.TryReceive(room) ?? 0;
        Loop.Counters.BytesReceived += count;
        return count;
    }

    private void Feed(ReadOnlySpan<byte> data)
    {
        if (_wait.TakesData)
        {
            data = data[_wait.Take(data)..];
            if (_wait.Missing <= 0)
                _wait.Wake();
            if (data.IsEmpty)
                return;
            _buffer.Append(data);
        }
        else
        {
            _buffer.Append(data);
            if (_wait.IsWaiting && _buffer.Length >= _wait.Missing)
                _wait.Wake();
        }
        PauseIfFull();
    }

    private void PauseIfFull()
    {
        // Paused it may be already, and receive all the same: as a file was sent meanwhile, or the program has resumed the transport itself.
        if (_transport is null || _buffer.Length <= HighMark || _wait.IsWaiting)
            return;
        _paused = true;
        _transport.PauseReading();
    }

    private void ResumeIfDrained()
    {
        if (_paused && _buffer.Length <= _limit)
            Resume();
    }

    private void Resume()
    {
        _paused = false;
        _transport!.ResumeReading();
    }
}
