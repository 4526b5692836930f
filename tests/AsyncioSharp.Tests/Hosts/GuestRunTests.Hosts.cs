using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Hosts;

// What the host does with its guest, and what it may not do.
public abstract partial class GuestRunTests
{
    [Fact]
    public void The_host_may_use_what_belongs_to_the_loop_on_its_own_thread()
    {
        var log = new List<string>();
        var (first, queue) = (new AsyncEvent(), new AsyncQueue<string>());
        var run = Asyncio.StartGuestRun(Main, _host.Take, null, Options);
        _host.RunUntil(() => log.Count == 1);
        first.Set();
        _host.RunUntil(() => log.Count == 2);
        queue.PutNoWait("item");
        _host.RunUntil(() => log.Count == 3);
        run.Loop.CallLater(s_moment, () => run.Loop.CreateTask(StopAsync()));

        _host.Run(run);

        Assert.Equal(["waiting", "set", "item", "stop"], log);

        async Coroutine Main()
        {
            log.Add("waiting");
            await first.WaitAsync();
            log.Add("set");
            log.Add(await queue.GetAsync());
            log.Add(await queue.GetAsync());
        }

        async Coroutine StopAsync() => await queue.PutAsync("stop");
    }

    [Fact]
    public void In_debug_mode_other_threads_than_the_hosts_are_refused()
    {
        var waits = new AsyncEvent();
        var run = Asyncio.StartGuestRun(async () => await waits.WaitAsync(), _host.Take, null, Options with { Debug = true });
        _host.RunUntil(() => _host.Rounds > 0);

        var mistake = OnOtherThread(() => { _ = run.Loop.CallSoon(() => { }); });

        Assert.Contains("CallSoonThreadsafe", Assert.IsType<InvalidOperationException>(mistake).Message);
        waits.Set();
        _host.Run(run);
    }

    [Fact]
    public void The_program_sees_the_values_of_whoever_started_it_and_the_host_does_not_see_its_own()
    {
        var local = new AsyncLocal<string> { Value = "host" };

        Assert.Equal("host", Run(async () =>
        {
            var seen = local.Value;
            local.Value = "guest";
            await Asyncio.Sleep(s_moment);
            Assert.Equal("guest", local.Value);
            return seen;
        }));

        Assert.Equal("host", local.Value);
    }

    [Fact]
    public void Callbacks_that_fail_are_reported_and_the_run_goes_on()
    {
        Assert.Equal(1, Run(async () =>
        {
            EventLoop.Running.CallSoon(() => throw new FormatException());
            await Asyncio.Sleep(s_moment);
            return 1;
        }));

        Assert.IsType<FormatException>(Assert.Single(_reports).Exception);
    }

    [Fact]
    public void Only_the_host_runs_the_loop_and_nobody_stops_or_closes_it()
    {
        var run = Asyncio.StartGuestRun(async () =>
        {
            await Asyncio.Yield();
            Assert.Throws<InvalidOperationException>(EventLoop.Running.Stop);
            return 1;
        }, _host.Take, null, Options);

        Assert.Throws<InvalidOperationException>(() => run.Loop.RunOnce());
        Assert.Throws<InvalidOperationException>(run.Loop.RunForever);
        Assert.Throws<InvalidOperationException>(run.Loop.Close);
        Assert.Throws<InvalidOperationException>(run.Loop.Stop);

        Assert.Equal(1, _host.Run(run));
    }

    [Fact]
    public void A_host_that_takes_nothing_is_an_error_at_once()
    {
        _host.Close();
        EventLoop? loop = null;

        var failure = Assert.Throws<InvalidOperationException>(() => Asyncio.StartGuestRun(async () => await Asyncio.Yield(), _host.Take, null,
            Options with { LoopFactory = () => loop = newLoop() }));

        Assert.IsType<InvalidOperationException>(failure.InnerException);
        Assert.True(loop!.IsClosed);
    }

    [Fact]
    public void A_host_that_runs_actions_at_once_is_an_error()
    {
        Assert.Throws<InvalidOperationException>(() => Asyncio.StartGuestRun(async () => await Asyncio.Yield(), action => action(), null, Options));
        Assert.Throws<InvalidOperationException>(
            () => Asyncio.StartGuestRun(async () => await Asyncio.Yield(), action => Record.Exception(action), null, Options));
        Assert.Empty(_reports);
    }

    [Fact]
    public async Task A_host_that_ends_before_its_guest_is_the_runs_failure_and_the_program_is_cleaned_up_all_the_same()
    {
        GuestRun<int> run = null!;
        Task begun = null!;
        var (hasBegun, told) = (false, false);
        var log = new List<string>();
        RunHost();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => run.Completion.WaitAsync(TimeSpan.FromSeconds(30)));

        Assert.Contains("GuestRun.Dispose", failure.Message);
        Assert.True(run.Loop.IsClosed);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => begun); // what other threads have handed in
        Assert.Equal(["main", "task"], log);
        Assert.False(told);
        Assert.Empty(_reports);

        void RunHost()
        {
            run = Asyncio.StartGuestRun(Main, _host.Take, _ => told = true, Options);
            begun = Asyncio.RunCoroutineThreadsafe(ForEverAsync(), run.Loop);
            _host.RunUntil(() => hasBegun);
            _host.Close();
            _host.RunAll();
            run.Cancel(); // which the host does not take
        }

        async Coroutine<int> Main()
        {
            await CleanUpAsync("main");
            return 1;
        }

        async Coroutine ForEverAsync()
        {
            hasBegun = true;
            await CleanUpAsync("task");
        }

        async Coroutine CleanUpAsync(string name)
        {
            try
            {
                await EventLoop.Running.CreateFuture<int>();
            }
            finally
            {
                await Asyncio.Sleep(s_moment);
                log.Add(name);
            }
        }
    }

    [Fact]
    public async Task A_host_that_ends_while_it_runs_its_guest_is_not_held_up()
    {
        var log = new List<string>();
        using var release = new ManualResetEventSlim();
        var run = Asyncio.StartGuestRun(Main, _host.Take, null, Options);
        _host.RunAll(); // in the first slice it closes, and does not take the second

        Assert.False(run.Completion.IsCompleted);
        release.Set();

        await Assert.ThrowsAsync<InvalidOperationException>(() => run.Completion.WaitAsync(TimeSpan.FromSeconds(30)));
        run.Dispose();
        Assert.Equal(["cleaned up"], log);
        Assert.True(run.Loop.IsClosed);

        async Coroutine Main()
        {
            _host.Close();
            try
            {
                for (; ; )
                    await Asyncio.Yield();
            }
            finally
            {
                release.Wait(TestContext.Current.CancellationToken); // on the thread that helps
                await Asyncio.Sleep(s_moment);
                log.Add("cleaned up");
            }
        }
    }

    [Fact]
    public void A_run_that_ends_by_itself_without_the_host_can_be_disposed_of_meanwhile()
    {
        var log = new List<string>();
        var waits = false;
        var run = Asyncio.StartGuestRun(Main, _host.Take, null, Options);
        _host.RunUntil(() => waits);
        _host.Close();
        _host.RunAll();
        run.Cancel();

        run.Dispose(); // whichever thread it is that ends it, now it has ended

        Assert.Equal(["cleaned up"], log);
        Assert.True(run.Completion.IsCompleted);

        async Coroutine Main()
        {
            try
            {
                waits = true;
                await EventLoop.Running.CreateFuture<int>();
            }
            finally
            {
                await Asyncio.Sleep(s_moment);
                log.Add("cleaned up");
            }
        }
    }

    [Fact]
    public void Disposing_of_it_ends_it_without_the_host()
    {
        var log = new List<string>();
        var told = 0;
        var run = Asyncio.StartGuestRun(Main, _host.Take, _ => told++, Options);
        _host.RunUntil(() => log.Count == 1);
        _host.Close();

        run.Dispose();
        run.Dispose();
        _host.RunAll(); // what it still has

        Assert.Equal(["waiting", "cleaned up"], log);
        Assert.True(run.Completion.IsCanceled);
        Assert.True(run.Loop.IsClosed);
        Assert.Equal(1, told);

        async Coroutine Main()
        {
            try
            {
                log.Add("waiting");
                await EventLoop.Running.CreateFuture<int>();
            }
            finally
            {
                await Asyncio.Sleep(s_moment);
                log.Add("cleaned up");
            }
        }
    }

    [Fact]
    public void The_program_cannot_dispose_of_its_own_run()
    {
        GuestRun run = null!;
        run = Asyncio.StartGuestRun(async () =>
        {
            await Asyncio.Yield();
            Assert.Throws<InvalidOperationException>(run.Dispose);
        }, _host.Take, null, Options);

        _host.Run(run);
    }

    [Fact]
    public void A_host_that_waits_for_each_action_works_as_well()
    {
        // As Control.Invoke does: the call that hands an action over returns when it has been run.
        var run = Asyncio.StartGuestRun(async () =>
        {
            for (var i = 0; i < 3; i++)
                await Asyncio.Sleep(s_moment);
            return 3;
        }, Invoke, null, Options);

        Assert.Equal(3, _host.Run(run));

        void Invoke(Action action)
        {
            if (Thread.CurrentThread.Name != "asyncio guest")
            {
                _host.Take(action);
                return;
            }
            using var done = new ManualResetEventSlim();
            _host.Take(() =>
            {
                try
                {
                    action();
                }
                finally
                {
                    done.Set();
                }
            });
            done.Wait();
        }
    }

    [Fact]
    public void A_busy_guest_lets_the_host_have_its_turns()
    {
        var (turns, ended) = (0, false);
        var run = Asyncio.StartGuestRun(async () =>
        {
            while (turns < 3)
                await Asyncio.Yield();
            ended = true;
        }, _host.Take, null, Options);
        _host.Take(Turn);

        _host.Run(run);

        Assert.True(ended);

        void Turn()
        {
            turns++;
            if (!ended)
                _host.Take(Turn);
        }
    }

    [Fact]
    public void Wakeups_from_many_threads_are_never_lost()
    {
        const int threads = 4, times = 500;

        Assert.Equal(threads * times, Run(async () =>
        {
            var loop = EventLoop.Running;
            var (count, all) = (0, loop.CreateFuture<int>());
            var senders = Enumerable.Range(0, threads).Select(_ => Task.Run(() =>
            {
                for (var i = 0; i < times; i++)
                {
                    loop.CallSoonThreadsafe(() =>
                    {
                        if (++count == threads * times)
                            all.SetResult(count);
                    });
                    if (i % 50 == 0)
                        Thread.Yield();
                }
            })).ToList();
            return await all;
        }));
    }

    private static Exception? OnOtherThread(Action action)
    {
        Exception? exception = null;
        var thread = new Thread(() => exception = Record.Exception(action));
        thread.Start();
        thread.Join();
        return exception;
    }
}
