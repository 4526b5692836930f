using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>Where a task waits for its socket to be connected. If it is cancelled, the attempt goes on until the socket is
/// disposed of.</summary>
internal sealed class PortableConnect(PortableEventLoop loop, Socket socket, bool isOwn, EndPoint remote) : Suspension, ISocketOwner
{
    private SocketOperation? _operation;
    private AsyncioTask? _task;

    /// <summary>How the attempt has ended.</summary>
    public SocketError Result { get; private set; }

    /// <summary>Waits until the attempt has ended, one way or the other.</summary>
    public Coroutine WaitAsync() => ParkAsync();

    Socket? ISocketOwner.Owned => null; // the loop's own, or lent by the program

    public void OnCompleted(SocketOperation operation)
    {
        if (_task is not { } task)
            return;
        Result = operation.Arguments.SocketError;
        End();
        Reschedule(task);
    }

    public void OnLoopClosing()
    {
        End();
        if (isOwn)
            socket.Dispose(); // the task never goes on
    }

    protected override void OnParked(AsyncioTask task, long argument)
    {
        socket.Blocking = false;
        _operation = new SocketOperation(loop, this);
        _operation.Arguments.RemoteEndPoint = remote;
        loop.Add(this);
        _task = task;
        try
        {
            if (!_operation.Began(SocketCalls.ConnectAsync(socket, _operation.Arguments)))
                OnCompleted(_operation);
        }
        catch
        {
            End();
            throw;
        }
    }

    protected override void OnCanceled(AsyncioTask task) => End();

    private void End()
    {
        _task = null;
        loop.Remove(this);
        _operation?.Dispose();
    }
}
