using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

// How the turn passes between the host's thread, the one that waits for it, and whoever ends the run without the host.
public abstract partial class GuestRun : ILoopHost
{
    bool ILoopHost.IsTouched()
    {
        lock (_gate)
        {
            if (_hostThread is not null && !ReferenceEquals(_hostThread, Thread.CurrentThread))
                return false;
            if (_state != GuestState.Waiting || _isTouched)
                return true;
            _isTouched = true;
        }
        Loop.InterruptWait();
        return true;
    }

    // The helping thread.
    private void Help()
    {
        for (; ; )
        {
            _waits.Wait();
            if (_state >= GuestState.Ended)
                return;
            if (_refusal is not null)
            {
                FinishWithoutHost();
                return;
            }
            Wait(_timeout);
            Ask();
        }
    }

    private void Wait(long timeout)
    {
        try
        {
            Loop.WaitElsewhere(timeout);
        }
        catch (Exception e)
        {
            _fault = e; // thrown in the next slice
        }
    }

    private void WaitElsewhere(long timeout)
    {
        lock (_gate)
        {
            _isTouched = false;
            _timeout = timeout;
            _state = _isTakenOver ? GuestState.Asked : GuestState.Waiting;
            Monitor.PulseAll(_gate);
            if (_isTakenOver)
                return;
        }
        _waits.Release();
    }

    private void Ask()
    {
        SetState(GuestState.Asked);
        if (Volatile.Read(ref _isTakenOver))
            return;
        t_asking = this;
        try
        {
            _runOnHost(_slice);
            if (_misuse is not null)
                throw _misuse; // the host has swallowed it
        }
        catch (Exception e)
        {
            Refuse(e);
        }
        finally
        {
            t_asking = null;
        }
    }

    // The host's thread does not go on with the program, which has to be cleaned up all the same: the helping thread does it.
    private void Refuse(Exception exception)
    {
        bool wasAsked;
        lock (_gate)
        {
            if (_isTakenOver)
                return; // and has ended in an orderly way
            wasAsked = _state == GuestState.Asked;
            if (wasAsked)
                TakeFromHost(exception);
        }
        if (!wasAsked) // it runs it all the same, or has run it: what it complains of is something else
            Loop.PostOrDrop(new ThreadsafeCallback<Action>(Loop, static report => report(), Report, null, otherwise: static report => report()));
        else if (_hostThread is null || ReferenceEquals(Thread.CurrentThread, _helper))
            FinishWithoutHost(); // where nothing has begun, that waits for nothing
        else
            _waits.Release();

        void Report() => Loop.CallExceptionHandler(
            new ExceptionContext("The host of a guest run took an action, and failed.") { Exception = exception });
    }

    private void TakeFromHost(Exception exception)
    {
        Volatile.Write(ref _isTakenOver, true);
        _refusal = new InvalidOperationException(
            "The host of a guest run does not run what it is given: its loop has ended, most likely. The run was cancelled, and has ended on " +
            "another thread than the host's. To end it on the host's, " +
            "cancel it before the host ends, or dispose of it afterwards (GuestRun.Dispose).", exception);
    }

    private void FinishWithoutHost()
    {
        if (!TakeOver())
            return;
        _tellsHost = false;
        RunToEnd();
    }

    private void RunToEnd()
    {
        Cancel();
        while (TryRun(out var timeout))
        {
            if (timeout != 0)
                Wait(timeout);
        }
    }

    /// <summary>From here on this thread runs the loop.</summary>
    /// <returns>False if the run has ended.</returns>
    private bool TakeOver()
    {
        lock (_gate)
        {
            Volatile.Write(ref _isTakenOver, true);
            if (_state == GuestState.Waiting)
                Loop.InterruptWait();
            while (_state is GuestState.Waiting or GuestState.Running)
                Monitor.Wait(_gate);
            if (_state >= GuestState.Ended)
                return false;
            _state = GuestState.Running;
            _hostThread = Thread.CurrentThread;
            return true;
        }
    }

    // Another thread closes the loop, unless this is called by something that is told of that.
    private void WaitUntilClosed()
    {
        lock (_gate)
        {
            while (_state != GuestState.Closed && !ReferenceEquals(_closer, Thread.CurrentThread))
                Monitor.Wait(_gate);
        }
    }
}
