using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public abstract class LoopGroupTests : OnLoopGroup
{
    [Fact]
    public async Task A_group_of_which_a_loop_has_ended_by_itself_can_be_stopped()
    {
        var group = Start(3);
        group.Loops[1].CallSoonThreadsafe(() => EventLoop.Running.Stop());
        await Until(() => Task.FromResult(group.Loops[1].IsClosed));

        var end = await group.StopAsync(TimeSpan.FromSeconds(1)).WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.All(group.Loops, loop => Assert.True(loop.IsClosed));
        Assert.Empty(end.Unfinished);
    }

    [Fact]
    public async Task A_loop_that_ends_by_itself_while_its_group_stops_does_not_hide_how_the_others_ended()
    {
        var group = Start();
        AsyncioTask? left = null;
        await group.RunAsync(
            group.Loops[0], async () => left = Asyncio.CreateTask(Asyncio.Sleep(TimeSpan.MaxValue)), TestContext.Current.CancellationToken);
        var work = group.RunAsync(group.Loops[1], async () =>
        {
            while (!group.IsStopping)
                await Asyncio.Sleep(0.001); // it waits for this one
            EventLoop.Running.Stop();
            await Asyncio.Sleep(TimeSpan.MaxValue);
        }, CancellationToken.None);

        var end = await group.StopAsync(null).WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Equal(1, end.CanceledTasks);
        Assert.Empty(end.Unfinished);
        Assert.True(left!.IsCanceled);
        Assert.All(group.Loops, loop => Assert.True(loop.IsClosed));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
    }

    [Fact]
    public async Task Clean_up_that_cancels_all_tasks_does_not_cut_off_that_of_others_when_the_group_ends()
    {
        var group = Start();
        var cleanedUp = 0;
        for (var i = 0; i < 3; i++)
        {
            await group.RunAsync(group.Loops[0], async () => { _ = Asyncio.CreateTask(CancelsAll.WaitAsync(() => cleanedUp++)); },
                TestContext.Current.CancellationToken);
        }

        var end = await group.StopAsync(TimeSpan.Zero).WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Equal(3, cleanedUp);
        Assert.Equal(3, end.CanceledTasks);
        Assert.Empty(end.Unfinished);
    }

    [Fact]
    public async Task A_group_can_be_stopped_while_a_loop_that_ends_by_itself_waits_for_its_tasks()
    {
        var group = Start();
        var (begun, cleansUp, gate, cleanedUp) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource(), false);
        _ = group.RunAsync(group.Loops[0], WorkAsync, CancellationToken.None);
        await begun.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        group.Loops[0].CallSoonThreadsafe(() => EventLoop.Running.Stop());
        await cleansUp.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        var stopping = group.StopAsync(TimeSpan.Zero);
        await Until(() => Task.FromResult(group.Loops[1].IsClosed));
        gate.SetResult();

        var end = await stopping.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Empty(end.Unfinished);
        Assert.True(cleanedUp);

        async Coroutine WorkAsync()
        {
            try
            {
                begun.SetResult();
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            finally
            {
                cleansUp.SetResult();
                await gate.Task;
                await Asyncio.Sleep(0.01);
                cleanedUp = true;
            }
        }
    }

    [Fact]
    public async Task Each_loop_has_a_thread_of_its_own()
    {
        await using var group = Start(3);

        var threads = await group.RunOnEachAsync(async () =>
        {
            await Asyncio.Yield();
            Assert.Same(group, LoopGroup.Current);
            Assert.Same(group.Loops[LoopGroup.CurrentIndex], EventLoop.Running);
            return (LoopGroup.CurrentIndex, Environment.CurrentManagedThreadId);
        });

        Assert.Equal([0, 1, 2], threads.Select(thread => thread.CurrentIndex));
        Assert.Equal(3, threads.Select(thread => thread.CurrentManagedThreadId).Distinct().Count());
        Assert.Null(LoopGroup.Current);
        Assert.Equal(-1, LoopGroup.CurrentIndex);
    }

    [Fact]
    public async Task Work_is_handed_to_another_loop_and_its_result_comes_back()
    {
        await using var group = Start();

        var (here, there, back) = await group.RunAsync(group.Loops[0], async () =>
        {
            var here = Environment.CurrentManagedThreadId;
            var there = await group.RunAsync(group.Loops[1], async () =>
            {
                await Asyncio.Yield();
                return Environment.CurrentManagedThreadId;
            });
            return (here, there, Environment.CurrentManagedThreadId);
        });

        Assert.NotEqual(here, there);
        Assert.Equal(here, back);
    }

    [Fact]
    public async Task Work_goes_to_loops_that_have_not_ended()
    {
        await using var group = Start(3);
        group.Loops[1].CallSoonThreadsafe(() => EventLoop.Running.Stop());
        await Until(() => Task.FromResult(group.Loops[1].IsClosed));

        var places = new int[9];
        for (var i = 0; i < places.Length; i++)
            places[i] = await group.RunAsync(() => Coroutine.FromResult(LoopGroup.CurrentIndex), TestContext.Current.CancellationToken);

        Assert.Equal([0, 2], places.Distinct().Order());
    }

    [Fact]
    public async Task Work_for_each_loop_is_done_on_those_that_have_not_ended()
    {
        await using var group = Start(3);
        group.Loops[1].CallSoonThreadsafe(() => EventLoop.Running.Stop());
        await Until(() => Task.FromResult(group.Loops[1].IsClosed));

        int[] places = await group.RunOnEachAsync(() => Coroutine.FromResult(LoopGroup.CurrentIndex), TestContext.Current.CancellationToken);
        var failure = await Assert.ThrowsAsync<LoopGroupException>(
            () => group.RunOnEachAsync(FailOnLastAsync, TestContext.Current.CancellationToken));

        Assert.Equal([0, 2], places);
        Assert.Equal(2, Assert.Single(failure.Failures).LoopIndex);
        Assert.Equal([false, true, false], group.Loops.Select(group.HasStopped));

        static async Coroutine FailOnLastAsync()
        {
            await Asyncio.Yield();
            if (LoopGroup.CurrentIndex == 2)
                throw new FormatException();
        }
    }

    [Fact]
    public async Task Work_goes_to_the_loop_that_has_least()
    {
        await using var group = Start(3);
        var release = new TaskCompletionSource();

        var places = new List<Task<int>>();
        for (var i = 0; i < 6; i++)
            places.Add(group.RunAsync(WaitAsync));
        release.SetResult();

        var counts = (await Task.WhenAll(places)).CountBy(place => place).ToDictionary();
        Assert.Equal([2, 2, 2], counts.Values);

        async Coroutine<int> WaitAsync()
        {
            await release.Task;
            return LoopGroup.CurrentIndex;
        }
    }

    [Fact]
    public async Task Cancelling_the_task_that_has_handed_work_over_cancels_the_work()
    {
        await using var group = Start();
        var (started, canceled) = (new TaskCompletionSource(), new TaskCompletionSource());

        await group.RunAsync(group.Loops[0], async () =>
        {
            var task = Asyncio.CreateTask(HandOverAsync());
            await started.Task;
            task.Cancel();
            await Expect.ThrowsAsync<CanceledException>(task);
        });

        await canceled.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        async Coroutine HandOverAsync() => await group.RunAsync(group.Loops[1], async () =>
        {
            try
            {
                started.SetResult();
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            catch (CanceledException)
            {
                canceled.SetResult();
                throw;
            }
        });
    }

    [Fact]
    public async Task A_failure_on_one_loop_cancels_the_others_and_is_told_with_its_place()
    {
        await using var group = Start(3);
        var (canceled, begun) = (0, new SemaphoreSlim(0));

        var failure = await Assert.ThrowsAsync<LoopGroupException>(() => group.RunOnEachAsync(async () =>
        {
            if (LoopGroup.CurrentIndex == 1)
            {
                await begun.WaitAsync();
                await begun.WaitAsync();
                throw new FormatException();
            }
            try
            {
                begun.Release();
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            finally
            {
                Interlocked.Increment(ref canceled);
            }
        }));

        Assert.IsType<FormatException>(Assert.Single(failure.InnerExceptions));
        Assert.Equal(1, failure.Failures[0].LoopIndex);
        Assert.Equal(2, canceled);
    }

    [Fact]
    public async Task A_coroutine_that_is_cancelled_on_one_loop_by_itself_does_not_pass_for_a_success()
    {
        await using var group = Start();

        await Assert.ThrowsAsync<OperationCanceledException>(() => group.RunOnEachAsync(async () =>
        {
            if (LoopGroup.CurrentIndex == 1)
                Asyncio.CurrentTask!.Cancel();
            await Asyncio.Yield();
        }));
    }

    [Fact]
    public void A_loop_that_cannot_be_made_stops_those_before_it()
    {
        var made = new List<EventLoop>();
        var options = Options(3) with
        {
            Runner = new RunnerOptions
            {
                LoopFactory = () =>
                {
                    if (made.Count == 2)
                        throw new NotSupportedException("no third");
                    made.Add(NewLoop());
                    return made[^1];
                },
            },
        };

        var failure = Assert.Throws<InvalidOperationException>(() => LoopGroup.Start(options));

        Assert.Contains("Loop 2 of 3 cannot be started", failure.Message);
        Assert.Contains("no third", failure.Message);
        Assert.IsType<NotSupportedException>(failure.InnerException);
        Assert.All(made, loop => Assert.True(loop.IsClosed));
    }

    [Fact]
    public async Task What_was_handed_over_may_end_before_the_group_does()
    {
        var group = Start();
        var started = new TaskCompletionSource();
        var running = group.RunAsync(async () =>
        {
            started.SetResult();
            await Asyncio.Sleep(0.02);
            return 42;
        });
        await started.Task;

        var end = await group.StopAsync(Patience);

        Assert.Equal(42, await running);
        Assert.Equal((0, 0, 0), (end.AbortedConnections, end.CanceledTasks, end.Unfinished.Count));
        Assert.Same(end, await group.StopAsync(TimeSpan.Zero));
        Assert.Throws<ObjectDisposedException>(() => { _ = group.RunAsync(async () => await Asyncio.Yield()); });
    }

    [Theory]
    [InlineData(-TimeSpan.TicksPerMillisecond)] // Timeout.InfiniteTimeSpan
    [InlineData(60 * TimeSpan.TicksPerDay)]
    [InlineData(long.MaxValue)]
    public async Task The_grace_may_be_as_long_as_one_likes(long ticks)
    {
        await using var group = Start();
        var started = new TaskCompletionSource();
        var running = group.RunAsync(async () =>
        {
            started.SetResult();
            await Asyncio.Sleep(0.2);
            return 42;
        });
        await started.Task;

        var end = await group.StopAsync(TimeSpan.FromTicks(ticks)).WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Equal(42, await running);
        Assert.Equal((0, 0), (end.CanceledTasks, end.Unfinished.Count));
        Assert.All(group.Loops, static loop => Assert.True(loop.IsClosed));
    }

    [Fact]
    public async Task What_was_handed_over_just_before_the_stop_has_its_grace_too()
    {
        await using var group = Start();
        var release = await HoldAsync(group.Loops[0]);

        var running = group.RunAsync(group.Loops[0], async () =>
        {
            await Asyncio.Sleep(0.02);
            return 42;
        }, CancellationToken.None);
        var stopping = group.StopAsync(Patience);
        release();

        Assert.Equal(42, await running.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(0, (await stopping).CanceledTasks);
    }

    [Fact]
    public async Task What_survives_a_cancellation_of_all_tasks_still_has_its_grace()
    {
        await using var group = Start();
        var started = new TaskCompletionSource();
        var running = group.RunAsync(group.Loops[0], async () =>
        {
            started.SetResult();
            try
            {
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            catch (CanceledException)
            {
                Asyncio.CurrentTask!.Uncancel();
            }
            await Asyncio.Sleep(0.02);
            return 42;
        });
        await started.Task;
        var release = await HoldAsync(group.Loops[0]);

        var stopping = group.StopAsync(Patience);
        CancelAll(group.Loops[0]);
        release();

        Assert.Equal(42, await running.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(0, (await stopping).CanceledTasks);
    }

    [Fact]
    public async Task What_takes_longer_than_the_grace_is_cancelled_and_what_does_not_end_then_is_told()
    {
        var group = Start(patience: TimeSpan.FromSeconds(0.05));
        var started = new CountdownEvent(2);
        var obedient = group.RunAsync(group.Loops[0], () => WaitAsync(stubborn: false));
        _ = group.RunAsync(group.Loops[1], () => WaitAsync(stubborn: true));
        started.Wait(Patience, TestContext.Current.CancellationToken);

        var end = await group.StopAsync(TimeSpan.FromSeconds(0.01));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => obedient);
        Assert.Equal(2, end.CanceledTasks);
        var unended = Assert.Single(end.Unfinished);
        Assert.StartsWith("loop 1: ", unended, StringComparison.Ordinal);
        Assert.Contains(nameof(WaitAsync), unended);
        Assert.Contains(Reports, report => report.Kind == ReportKind.TaskNeverEnded);

        async Coroutine WaitAsync(bool stubborn)
        {
            started.Signal();
            do
            {
                try
                {
                    await Asyncio.Sleep(TimeSpan.MaxValue);
                }
                catch (CanceledException) when (stubborn)
                {
                }
            }
            while (stubborn);
        }
    }

    [Fact]
    public async Task A_loop_whose_thread_is_held_up_does_not_hold_up_the_end()
    {
        var group = Start(patience: TimeSpan.FromSeconds(0.05));
        using var release = new ManualResetEventSlim();
        var held = new TaskCompletionSource();
        _ = group.RunAsync(group.Loops[1], async () =>
        {
            held.SetResult();
            release.Wait();
            await Asyncio.Yield();
        });
        await held.Task;

        var end = await group.StopAsync(TimeSpan.Zero);

        Assert.Contains("loop 1: its thread is held up", Assert.Single(end.Unfinished));
        release.Set();
    }

    [Fact]
    public async Task A_loop_of_the_group_cannot_wait_for_the_groups_end()
    {
        await using var group = Start();

        await group.RunAsync(async () => Assert.Throws<InvalidOperationException>(() => { _ = group.StopAsync(null); }));
    }

    [Fact]
    public void A_program_runs_on_all_cores_in_one_line()
    {
        var places = Asyncio.RunOnAllCores(async () =>
        {
            await Asyncio.Yield();
            return LoopGroup.CurrentIndex;
        }, Options(3));

        Assert.Equal([0, 1, 2], places);
    }

    [Fact]
    public void A_failing_program_ends_on_all_cores() => Assert.Throws<LoopGroupException>(() => Asyncio.RunOnAllCores(async () =>
    {
        if (LoopGroup.CurrentIndex == 1)
            throw new FormatException();
        await Asyncio.Sleep(TimeSpan.MaxValue);
    }, Options(2)));
}

public sealed class LoopGroupTestsOnEpoll : LoopGroupTests
{
    public LoopGroupTestsOnEpoll() => Assert.SkipUnless(OperatingSystem.IsLinux(), "epoll is Linux's");

    protected override EventLoop NewLoop() => new EpollEventLoop();
}

public sealed class LoopGroupTestsOnPortable : LoopGroupTests
{
    protected override EventLoop NewLoop() => new PortableEventLoop();
}
