using System.Runtime.CompilerServices;

namespace AsyncioSharp.LowLevel;

/// <summary>What a .NET stream is asked to do in its own time: one thing at a time. .NET tells on some thread that it has ended; the
/// transport is told on the loop's.</summary>
internal sealed class StreamOperation : InboxItem
{
    private readonly EventLoop _loop;
    private readonly OperatedStream _transport;
    private readonly ExecutionContext? _context;
    private readonly Action _onCompleted;
    private ValueTaskAwaiter<int> _reading;
    private ValueTaskAwaiter _writing;
    private bool _isReading;
    private bool _disposed;

    public StreamOperation(EventLoop loop, OperatedStream transport)
    {
        _loop = loop;
        _transport = transport;
        _context = loop.ContextToKeep(null);
        _onCompleted = OnCompleted;
    }

    /// <summary>Whether it has begun, and the transport was not told of its end.</summary>
    public bool IsPending { get; private set; }

    public void Read(Stream stream, Memory<byte> buffer, CancellationToken token)
    {
        IsPending = _isReading = true;
        try
        {
            if (Faults.Strike("ReadPipe"))
                throw Struck();
            _reading = stream.ReadAsync(buffer, token).GetAwaiter();
        }
        catch (Exception e) // it is the stream's own, whatever it is
        {
            _reading = ValueTask.FromException<int>(e).GetAwaiter();
        }
        if (_reading.IsCompleted)
            OnCompleted();
        else
            _reading.UnsafeOnCompleted(_onCompleted);
    }

    public void Write(Stream stream, Memory<byte> data, CancellationToken token)
    {
        IsPending = true;
        try
        {
            if (Faults.Strike("WritePipe"))
                throw Struck();
            _writing = stream.WriteAsync(data, token).GetAwaiter();
        }
        catch (Exception e)
        {
            _writing = ValueTask.FromException(e).GetAwaiter();
        }
        AwaitWriting();
    }

    public void Flush(Stream stream, CancellationToken token)
    {
        IsPending = true;
        try
        {
            _writing = new ValueTask(stream.FlushAsync(token)).GetAwaiter();
        }
        catch (Exception e)
        {
            _writing = ValueTask.FromException(e).GetAwaiter();
        }
        AwaitWriting();
    }

    /// <summary>Disposes of a stream, which may have to write for that.</summary>
    public void End(Stream stream)
    {
        IsPending = true;
        try
        {
            _writing = stream.DisposeAsync().GetAwaiter();
        }
        catch (Exception e)
        {
            _writing = ValueTask.FromException(e).GetAwaiter();
        }
        AwaitWriting();
    }

    /// <summary>The end of what is pending is not told any more.</summary>
    public void Dispose() => _disposed = true;

    internal override void Run()
    {
        IsPending = false;
        var (count, failure) = Take();
        if (_disposed)
            return;
        if (_context is not null)
            ExecutionContext.Restore(_context); // the loop restores its own after each callback
        _transport.OnCompleted(this, count, failure);
    }

    internal override void Dropped() => Take();

    // Also where nobody asks: an exception that nobody has looked at would be reported.
    private (int Count, Exception? Failure) Take()
    {
        try
        {
            if (_isReading)
                return (_reading.GetResult(), null);
            _writing.GetResult();
            return (0, null);
        }
        catch (Exception e)
        {
            return (0, e);
        }
    }

    private static IOException Struck() => new("A test has it fail.");

    private void AwaitWriting()
    {
        if (_writing.IsCompleted)
            OnCompleted();
        else
            _writing.UnsafeOnCompleted(_onCompleted);
    }

    private void OnCompleted() => _loop.PostOrDrop(this);
}
