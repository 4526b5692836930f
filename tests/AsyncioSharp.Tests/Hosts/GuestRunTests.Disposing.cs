namespace AsyncioSharp.Tests.Hosts;

// Runs that are disposed of while they end, by the host or on another thread.
public abstract partial class GuestRunTests
{
    [Fact]
    public void Disposing_of_it_while_it_ends_waits_until_it_has_ended()
    {
        using var closing = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var run = Asyncio.StartGuestRun(LeaveFailureAsync, _host.Take, null, Reporting(() =>
        {
            closing.Set();
            release.Wait(Patience);
        }));
        var host = Start(() => _host.Run(run));
        Assert.True(closing.Wait(Patience, TestContext.Current.CancellationToken)); // the loop reports, and so closes

        var hadEnded = new bool[3];
        var disposing = hadEnded.Select((_, i) => Start(() =>
        {
            run.Dispose();
            hadEnded[i] = run.Completion.IsCompleted;
        })).ToArray();
        Assert.False(disposing[0].Join(20)); // what returns at once has done so by now, most likely
        release.Set();

        Assert.All([host, .. disposing], thread => Assert.True(thread.Join(Patience)));
        Assert.All(hadEnded, Assert.True);
        Assert.True(run.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public void Who_is_called_while_it_ends_may_dispose_of_it()
    {
        GuestRun run = null!;
        var (disposed, told) = (0, 0);
        run = Asyncio.StartGuestRun(LeaveFailureAsync, _host.Take, _ =>
        {
            run.Dispose();
            told++;
        }, Reporting(() =>
        {
            run.Dispose(); // it would wait for itself
            disposed++;
        }));

        Assert.True(Start(() => _host.RunUntil(() => told > 0)).Join(Patience));

        Assert.Equal((1, 1), (disposed, told));
        Assert.True(run.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public void What_reports_a_host_that_complains_too_late_holds_nobody_up()
    {
        GuestRun run = null!;
        var host = Environment.CurrentManagedThreadId;
        using var reported = new ManualResetEventSlim();
        var hasReturned = false;
        run = Asyncio.StartGuestRun(SleepAsync, Complain, null, Reporting(() =>
        {
            hasReturned = Start(() => run.Dispose()).Join(Patience); // meanwhile, on another thread
            reported.Set();
        }));

        _host.RunUntil(() => run.Completion.IsCompleted);

        Assert.True(reported.Wait(Patience, TestContext.Current.CancellationToken));
        Assert.True(hasReturned);

        // From the thread that waits for events, which the run does not need any more.
        void Complain(Action action)
        {
            _host.Take(action);
            if (Environment.CurrentManagedThreadId == host)
                return;
            SpinWait.SpinUntil(() => run.Loop.IsClosed, Patience);
            throw new FormatException();
        }

        static async Coroutine SleepAsync() =>
            await Asyncio.ToThread(static () => Thread.Sleep(10)); // a virtual loop does not wait for its own timers
    }

    [Fact]
    public void Several_threads_may_dispose_of_it_at_once()
    {
        var (waits, told, cleanedUp) = (false, 0, 0);
        var run = Asyncio.StartGuestRun(Main, _host.Take, _ => told++, Options);
        _host.RunUntil(() => waits);
        var hadEnded = new bool[4];

        var disposing = hadEnded.Select((_, i) => Start(() =>
        {
            run.Dispose();
            hadEnded[i] = run.Completion.IsCompleted && run.Loop.IsClosed;
        })).ToArray();

        Assert.All(disposing, thread => Assert.True(thread.Join(Patience)));
        Assert.All(hadEnded, Assert.True);
        Assert.Equal((1, 1), (told, cleanedUp));
        Assert.True(run.Completion.IsCanceled);

        async Coroutine Main()
        {
            try
            {
                waits = true;
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            finally
            {
                await Asyncio.Sleep(s_moment);
                cleanedUp++;
            }
        }
    }

    [Fact]
    public void It_can_be_disposed_of_at_any_moment_of_its_end()
    {
        for (var i = 0; i < 100; i++)
        {
            var (host, turns, told, cleanedUp) = (new TestHost(), i % 8, 0, 0);
            var run = Asyncio.StartGuestRun(Main, host.Take, _ => told++, Options);
            var running = Start(() =>
            {
                while (!run.Completion.IsCompleted)
                    host.RunAll();
            });
            Thread.SpinWait(i * 50);

            run.Dispose();

            Assert.True(run.Completion.IsCompleted && run.Loop.IsClosed);
            Assert.True(running.Join(Patience));
            Assert.True(cleanedUp == 1 || (cleanedUp == 0 && run.Completion.IsCanceled)); // it may not have begun
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref told) > 0, Patience));
            Assert.Equal(1, told);

            async Coroutine Main()
            {
                try
                {
                    for (var turn = 0; turn < turns; turn++)
                        await Asyncio.Yield();
                    await Asyncio.Sleep(TimeSpan.FromTicks(turns));
                }
                finally
                {
                    cleanedUp++;
                }
            }
        }
    }

    // Of which nobody takes the failure, so that the loop reports it when it closes.
    private static async Coroutine LeaveFailureAsync()
    {
        _ = Asyncio.CreateTask(FailAsync(), "left");
        await Asyncio.Yield();
        await Asyncio.Yield();

        static async Coroutine FailAsync()
        {
            await Asyncio.Yield();
            throw new FormatException();
        }
    }

    private RunnerOptions Reporting(Action reported) => Options with
    {
        LoopFactory = () =>
        {
            var loop = newLoop();
            loop.ExceptionHandler = (_, _) => reported();
            return loop;
        },
    };

    private static Thread Start(Action action)
    {
        var thread = new Thread(() => action()) { IsBackground = true };
        thread.Start();
        return thread;
    }
}
