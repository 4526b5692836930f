namespace AsyncioSharp.Micro.OnPump;

/// <summary>
/// .NET's own way to run async methods on one thread: a synchronization context that calls what is posted to it, in turns.
/// </summary>
internal sealed class Pump : SynchronizationContext
{
    private readonly Thread _owner = Thread.CurrentThread;
    private readonly Queue<(SendOrPostCallback Call, object? State)> _ready = new(); // the owner's alone
    private readonly Queue<(SendOrPostCallback Call, object? State)> _inbox = new(); // from other threads, under its lock
    private volatile bool _hasInbox; // spares the owner the lock

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Thread.CurrentThread == _owner)
        {
            _ready.Enqueue((d, state));
            return;
        }
        lock (_inbox)
        {
            _inbox.Enqueue((d, state));
            _hasInbox = true;
            Monitor.Pulse(_inbox);
        }
    }

    public void RunUntilComplete(Func<Task> main)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            var task = main();
            while (!task.IsCompleted)
                Turn();
            task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    private void Turn()
    {
        if (_hasInbox || _ready.Count == 0)
            TakeInbox();
        for (var left = _ready.Count; left > 0; left--)
        {
            var (call, state) = _ready.Dequeue();
            call(state);
        }
    }

    private void TakeInbox()
    {
        lock (_inbox)
        {
            while (_ready.Count == 0 && _inbox.Count == 0)
                Monitor.Wait(_inbox);
            while (_inbox.TryDequeue(out var item))
                _ready.Enqueue(item);
            _hasInbox = false;
        }
    }
}
