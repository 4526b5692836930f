using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// Something that a socket of the program's does in its own time, and the task that waits for it. What has begun cannot be
/// taken back: if the task is cancelled, whoever waits next finds it begun or done, so that nothing is lost.
/// </summary>
internal abstract class PortableSocketWait(EventLoop loop, string verb) : Suspension, ISocketOwner
{
    private SocketOperation? _operation;
    private AsyncioTask? _task;
    private bool _done;

    /// <summary>Whether a task waits.</summary>
    public bool HasTask => _task is not null;

    /// <summary>Waits until it is done, and <see cref="Take"/> tells how.</summary>
    public Coroutine WaitAsync() => ParkAsync();

    /// <summary>Takes what came of it, so that it can begin again.</summary>
    protected SocketAsyncEventArgs Take()
    {
        _done = false;
        return _operation!.Arguments;
    }

    Socket? ISocketOwner.Owned => null;

    public void OnCompleted(SocketOperation operation)
    {
        _done = true;
        if (_task is not { } task)
            return;
        _task = null;
        Reschedule(task);
    }

    // The socket is the program's.
    public void OnLoopClosing()
    {
    }

    /// <summary>Begins.</summary>
    /// <returns>Whether it takes time.</returns>
    protected abstract bool Begin(SocketAsyncEventArgs arguments);

    protected override void OnParked(AsyncioTask task, long argument)
    {
        if (_task is not null)
        {
            throw new InvalidOperationException(
                $"Another task waits to {verb} here already. Only one task can wait at a time; await the other first.");
        }
        var operation = _operation ??= new SocketOperation(loop, this);
        if (!_done && !operation.IsPending)
            _done = !operation.Began(Begin(operation.Arguments));
        if (_done)
            Reschedule(task);
        else
            _task = task;
    }

    protected override void OnCanceled(AsyncioTask task) => _task = null;

    protected override string DescribeWait(AsyncioTask task) => $"a socket, to {verb}";
}
