using System.Threading.Tasks.Sources;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// One direction of a <see cref="TransportStream"/>: the read or write that .NET's code waits for, one object used again and
/// again. Begun on another thread, it goes through the inbox to the loop. The code that awaits it goes on where it came from:
/// on the loop's thread, inside of what ended the wait, or on the thread pool.
/// </summary>
internal abstract class StreamSide(EventLoop loop) : InboxItem, IValueTaskSource<int>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<int> _core;
    private CancellationToken _token;
    private CancellationTokenRegistration _registration;
    private bool _isUnderWay;

    /// <summary>Whether the transport has to do something before it can end.</summary>
    private protected bool IsWaiting { get; private set; }

    private protected EventLoop Loop => loop;

    /// <summary>Why nothing goes any more; null while it does.</summary>
    private protected Exception? Failure { get; private set; }

    private protected short Version => _core.Version;

    int IValueTaskSource<int>.GetResult(short token) => _core.GetResult(token);

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _core.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    /// <summary>The connection has ended.</summary>
    public void Lose(Exception failure)
    {
        Failure ??= failure;
        if (IsWaiting)
            Fail(failure);
    }

    /// <summary>The loop closes, and with it the connection. Who waits goes on elsewhere: nothing runs on the loop any more.</summary>
    public void Abandon(Exception failure)
    {
        _core.RunContinuationsAsynchronously = true;
        Lose(failure);
    }

    /// <summary>On the loop: begins what was begun on another thread.</summary>
    internal sealed override void Run()
    {
        if (_token.IsCancellationRequested)
            Fail(new OperationCanceledException(_token));
        else if (TryStart(out var count))
            Complete(count);
        else if (Failure is not null)
            Fail(Failure);
        else
            Wait();
    }

    internal sealed override void Dropped()
    {
        _core.RunContinuationsAsynchronously = true;
        Fail(TransportStream.LoopClosed());
    }

    /// <summary>Does on the loop what can be done without waiting.</summary>
    /// <returns>False if the transport has to do something first, or has failed.</returns>
    private protected abstract bool TryStart(out int count);

    /// <summary>It has ended; what it was lent is given back.</summary>
    private protected abstract void Release();

    /// <summary>Is called first, and refuses a second operation beside the first.</summary>
    private protected void Enter(CancellationToken token)
    {
        CheckFree();
        _isUnderWay = true;
        _core.Reset();
        // What lives on the pool, as HTTP/2 does, would otherwise do all its work on the loop's thread, and hand each piece of
        // the outcome back to the pool.
        _core.RunContinuationsAsynchronously = !loop.IsOnThread;
        _token = token;
    }

    private protected void CheckFree()
    {
        if (_isUnderWay)
        {
            throw new InvalidOperationException(
                "The stream is being read, or written, already. Await one read or write before the next; one of each may be under way.");
        }
    }

    /// <summary>Sends it to the loop.</summary>
    private protected void Post() => loop.PostOrDrop(this);

    /// <summary>Waits for the transport.</summary>
    private protected void Wait()
    {
        IsWaiting = true;
        if (_token.CanBeCanceled)
            _registration = _token.UnsafeRegister(static side => ((StreamSide)side!).OnTokenCanceled(), this);
    }

    /// <summary>Begins to wait on another thread; without a token, as that would have to be heeded at once.</summary>
    private protected void WaitElsewhere() => IsWaiting = true;

    private protected void Complete(int count)
    {
        Leave();
        using (new NoSynchronization())
            _core.SetResult(count);
    }

    private void Fail(Exception exception)
    {
        Leave();
        using (new NoSynchronization())
            _core.SetException(exception);
    }

    private protected void Leave()
    {
        // Waits for a cancellation that is being told on another thread: it must not meet the next operation.
        _registration.Dispose();
        _registration = default;
        _token = default;
        IsWaiting = false;
        _isUnderWay = false;
        Release();
    }

    // Whatever thread cancels, and whatever it is in the middle of: the end comes in a turn of its own.
    private void OnTokenCanceled() => loop.PostOrDrop(new Cancellation(this, Version));

    private sealed class Cancellation(StreamSide side, short version) : InboxItem
    {
        internal override void Run()
        {
            if (side.IsWaiting && side.Version == version)
                side.Fail(new OperationCanceledException(side._token));
        }
    }
}
