namespace AsyncioSharp.LowLevel;

/// <summary>One direction of an <see cref="EpollReadiness"/>: a callback or a task, or neither.</summary>
internal sealed class ReadinessSide : Runnable
{
    private readonly EpollReadiness _readiness;
    private readonly EventLoop _loop;
    private readonly string _verb;
    private readonly ReadinessWait _wait;
    private Action? _callback;
    private ExecutionContext? _context;
    private bool _signaled;
    private bool _queued;

    /// <summary>Nobody's.</summary>
    /// <param name="readiness">The descriptor.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="verb">What can be done once it is ready.</param>
    public ReadinessSide(EpollReadiness readiness, EventLoop loop, string verb)
    {
        _readiness = readiness;
        _loop = loop;
        _verb = verb;
        _wait = new ReadinessWait(this);
    }

    /// <summary>Whether somebody is to be told.</summary>
    public bool IsWanted => _callback is not null || _wait.IsTaken;

    /// <summary>What a task waits for here, in words.</summary>
    public string Description => $"a socket, to {_verb}";

    internal override Delegate? UserCallback => _callback;

    private EpollEvents Events => ReferenceEquals(this, _readiness.Reader) ? EpollEvents.Readable : EpollEvents.Writable;

    /// <summary>Has a callback called whenever it is ready, in place of the one before.</summary>
    public void Set(Action callback)
    {
        if (_wait.IsTaken)
            throw Taken();
        Clear();
        _callback = callback;
        _context = _loop.ContextToKeep(null);
        try
        {
            _readiness.Update(unknown: true);
        }
        catch
        {
            Clear();
            throw;
        }
    }

    /// <summary>Drops the callback.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove()
    {
        if (_callback is null)
            return false;
        Clear();
        _readiness.UpdateLess();
        return true;
    }

    /// <summary>Waits until it is ready. Only for a descriptor whose handle is known.</summary>
    public Coroutine WaitAsync() => _wait.WaitAsync();

    /// <summary>It is ready: who wants to know is told in turn.</summary>
    /// <returns>False if nobody wants to.</returns>
    public bool TrySignal()
    {
        if (!IsWanted)
            return false;
        _signaled = true;
        if (!_queued)
        {
            _queued = true;
            _loop.Ready.Enqueue(this);
        }
        return true;
    }

    /// <summary>The descriptor was closed behind its back.</summary>
    public void Lose()
    {
        Clear();
        _wait.Fail(new ObjectDisposedException("Socket", "The socket was closed while a task waited for it. Cancel the task first."));
    }

    /// <summary>A task waits from now on.</summary>
    internal void BeginWait()
    {
        if (_callback is not null)
            throw Taken();
        _signaled = false;
        _readiness.Want(Events);
    }

    /// <summary>The task that waited was cancelled.</summary>
    internal void EndWait()
    {
        _signaled = false;
        _readiness.UpdateLess();
    }

    internal InvalidOperationException Taken() => new(
        $"A task, or a callback given to {(_verb == "read" ? "AddReader" : "AddWriter")}, waits to {_verb} here already. " +
        "Only one can wait at a time: await the other first, or remove the callback.");

    internal override void Run()
    {
        _queued = false;
        if (!_signaled) // removed, or replaced, since
            return;
        _signaled = false;
        if (_callback is not { } callback)
        {
            _wait.Wake();
            return;
        }
        if (_context is not null)
            ExecutionContext.Restore(_context); // the loop restores its own after each callback
        callback();
    }

    private void Clear()
    {
        _callback = null;
        _context = null;
        _signaled = false;
    }
}
