using System.Runtime.CompilerServices;
using AsyncioSharp.CompilerServices;

namespace AsyncioSharp.LowLevel;

// What a run consists of: iterations.
public abstract partial class EventLoop
{
    // Looking at input and output costs a system call. While there are callbacks to run, so many may run before the next, or as many as take so long:
    // a task that computes for a millisecond and then yields must not keep the network waiting for a quarter of a second.
    private const int MaxRunsBetweenPolls = 256;
    private const long MaxTimeBetweenPolls = TimeSpan.TicksPerMillisecond / 2;

    // Looking at the clock costs as much as running one or two callbacks. The first look is soon, as what is slow now may have been quick before.
    private const int MaxRunsBetweenLooks = 64;
    private const int RunsBeforeFirstLook = 2;

    private const int YieldsToThreads = 10;

    private long _runs;
    private long _runsAtPoll;
    private long _polledAt;
    private long _runsAtTidying;
    private long _runsAtLook = RunsBeforeFirstLook;
    private bool _heardFromThreads;

    /// <summary>Where it stays; null for wherever the system likes.</summary>
    internal HomeProcessor? Home { get; set; }

    // One iteration, in asyncio's order: input and output, timers, then everything that is ready by then. What that
    // schedules waits for the next iteration.
    private void Turn()
    {
        if (Ready.Count > 0 || _stopping)
        {
            if (_runs >= _runsAtLook && IsPollDue() || _stopping)
            {
                // Not whenever a callback takes long: the event source is made when a loop has run for a while, which is not in the first moments
                // of a small program.
                if (_runs - _runsAtTidying >= MaxRunsBetweenPolls || _stopping)
                {
                    UnretrievedFailures.ReportAbandoned(this);
                    Tidy();
                }
                PollNow(0);
            }
        }
        else
        {
            WaitForWork();
        }
        _heardFromThreads = !_inbox.IsEmpty;
        if (_heardFromThreads)
            _inbox.MoveTo(ref Ready);
        if (!Timers.IsEmpty)
            CollectTimers();
        _runs += Ready.Count;
        if (_measures)
            RunMeasured(Ready.Tail);
        else
            RunReady(Ready.Tail);
    }

    /// <summary>Has input and output looked at in the next iteration, for what runs long and wants to let others run.</summary>
    internal void PollSoon()
    {
        _runsAtPoll = _runs - MaxRunsBetweenPolls;
        _runsAtLook = _runs;
    }

    private void PollNow(long timeout)
    {
        _runsAtPoll = _runs; // before the poll, in which somebody may ask for the next soon
        _runsAtLook = _runs + RunsBeforeFirstLook;
        Poll(timeout);
        _polledAt = Now;
    }

    // If half of the time has not passed, as many callbacks again as there were so far will not take longer than is left.
    private bool IsPollDue()
    {
        var runs = _runs - _runsAtPoll;
        if (runs >= MaxRunsBetweenPolls)
            return true;
        var now = Now;
        if (_polledAt == 0)
            _polledAt = now; // it has only just begun
        var time = now - _polledAt;
        var next = time < MaxTimeBetweenPolls / 2 ? Math.Min(runs, MaxRunsBetweenLooks) : 1;
        _runsAtLook = Math.Min(_runs + next, _runsAtPoll + MaxRunsBetweenPolls);
        return time >= MaxTimeBetweenPolls;
    }

    private void Tidy()
    {
        _runsAtTidying = _runs;
        UpdateMeasuring();
        Home?.Polling(_heardFromThreads);
    }

    private void WaitForWork()
    {
        UnretrievedFailures.ReportAbandoned(this);
        if (_debug)
            ReportAbandoned(collect: false);
        if (Ready.Count > 0 || _stopping) // by whoever was told of it
            return;
        Tidy();
        Volatile.Write(ref _isWaiting, true);
        if (_measures)
            WaitMeasured();
        else
            Wait();
        Volatile.Write(ref _isWaiting, false);
    }

    private void Wait()
    {
        var timeout = TimeToNextTimer;
        if (timeout != 0 && _heardFromThreads && !(_runs >= _runsAtLook && IsPollDue()) && HearsFromThreadsAgain())
            return;
        if (timeout == 0 || !_inbox.BeginIdle())
        {
            PollNow(0);
            return;
        }
        PollNow(timeout);
        _inbox.EndIdle();
    }

    // A thread that has just handed something in often waits for the answer and then has more. Letting it run for a moment
    // is cheaper than going to sleep and being woken: that takes four system calls and two switches.
    private bool HearsFromThreadsAgain()
    {
        for (var i = 0; i < YieldsToThreads; i++)
        {
            Thread.Yield();
            if (!_inbox.IsEmpty)
                return true;
        }
        return false;
    }

    /// <summary>In ticks; -1 if there is none.</summary>
    private long TimeToNextTimer => Timers.IsEmpty ? -1 : Math.Max(0, Timers.NextDeadline - Now); // no overflow: see CallAt

    private void CollectTimers()
    {
        var now = Now;
        if (_measures)
            MeasureLag(now);
        while (!Timers.IsEmpty && Timers.NextDeadline <= now)
            Timers.RemoveFirst().TimerElapsed(this);
    }

    // Up to a position: a count would have to be written to memory for the handler each time.
    private void RunReady(long end)
    {
        Gathered.Begin();
        while (Ready.Head < end)
        {
            object? item = null;
            try
            {
                while (Ready.Head < end)
                {
                    item = Ready.Dequeue();
                    if (item is null)
                        continue;
                    if (_timesSteps)
                        RunTimed(item);
                    else
                        RunItem(item);
                }
            }
            catch (Exception e)
            {
                CurrentTask = null;
                ReportFailedCallback(item, e); // in the context of the callback, as it left it
                if (Gathered.HasWriter)
                    Gathered.EndStep();
                ExecutionContext.Restore(Context);
            }
        }
        Gathered.End();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RunItem(object item)
    {
        if (item.GetType() == typeof(Action))
            Unsafe.As<Action>(item)();
        else
            Unsafe.As<Runnable>(item).Run();
        if (Gathered.HasWriter)
            Gathered.EndStep();
        if (_threadContext.HasChanged)
            RestoreContext(item);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RestoreContext(object item)
    {
        if (ExecutionContext.Capture() is { } left && item is Runnable runnable)
            runnable.LeftContext(left);
        ExecutionContext.Restore(Context);
    }
}
