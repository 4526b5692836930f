using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>Where a task waits for its socket to be connected.</summary>
internal sealed class EpollConnect(LinuxEventLoop loop, Socket socket, int descriptor) : Suspension, IEpollClient
{
    private EpollWatch? _watch;
    private AsyncioTask? _task;

    /// <summary>Waits until the attempt has ended, one way or the other.</summary>
    public Coroutine WaitAsync() => ParkAsync();

    public void OnReady(EpollEvents events)
    {
        if (_task is not { } task)
            return;
        End();
        Reschedule(task);
    }

    public void OnLoopClosing()
    {
        End();
        socket.Dispose(); // the task never goes on
    }

    protected override void OnParked(AsyncioTask task, long argument)
    {
        _watch = loop.Poller.Add(this, descriptor, EpollEvents.Writable | EpollEvents.EdgeTriggered);
        _task = task;
    }

    protected override void OnCanceled(AsyncioTask task) => End();

    protected override string DescribeWait(AsyncioTask task) => "a socket to be connected";

    private void End()
    {
        _task = null;
        if (_watch is { } watch)
        {
            _watch = null;
            loop.Poller.Remove(watch);
        }
    }
}
