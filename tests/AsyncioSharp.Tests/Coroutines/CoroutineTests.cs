using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Coroutines;

public class CoroutineTests : OnVirtualLoop
{
    [Fact]
    public void Asking_for_a_result_without_awaiting_is_told_from_awaiting_twice()
    {
        var mistake = Assert.Throws<InvalidOperationException>(() => OneAsync().GetAwaiter().GetResult());
        Assert.Contains("has not run", mistake.Message);
        mistake = Assert.Throws<InvalidOperationException>(() => NothingAsync().GetAwaiter().GetResult());
        Assert.Contains("has not run", mistake.Message);

        static async Coroutine<int> OneAsync() => 1;

        static async Coroutine NothingAsync() { }
    }

    [Fact]
    public void What_waits_for_a_lock_or_a_place_gives_none_to_whoever_does_not_await_it() => LoopTest.Run(async () =>
    {
        var (mutex, places) = (new AsyncLock(), new AsyncSemaphore());
        await mutex.AcquireAsync();
        await places.AcquireAsync();
        AsyncioTask[] waiting = [Asyncio.CreateTask(mutex.AcquireAsync()), Asyncio.CreateTask(places.AcquireAsync())];
        await Expect.Turns(2);

        foreach (var mistake in (Action[])[() => mutex.AcquireAsync().GetAwaiter().GetResult(), () => places.AcquireAsync().GetAwaiter().GetResult()])
            Assert.Contains("has not run", Assert.Throws<InvalidOperationException>(mistake).Message);

        mutex.Release();
        Assert.Throws<InvalidOperationException>(() => mutex.AcquireAsync().GetAwaiter().GetResult()); // it is the one's who was woken
        places.Release();
        await Asyncio.WaitFor(Asyncio.Gather(waiting), 1);
    });

    [Fact]
    public void A_coroutine_with_a_result_also_runs_inside_who_awaits_it_without_its_type() => LoopTest.Run(async () =>
    {
        var outer = Asyncio.CurrentTask;
        IAwaitable coroutine = InnerAsync();

        await coroutine;

        async Coroutine<int> InnerAsync()
        {
            Assert.Same(outer, Asyncio.CurrentTask);
            return 1;
        }
    });

    // Nothing behind it could give a result as something else than what it is.
    [Fact]
    public void What_is_awaitable_with_a_result_is_so_with_that_type_only()
    {
        Assert.False(typeof(AsyncioTask<string>).IsAssignableTo(typeof(IAwaitable<object>)));
        Assert.True(typeof(AsyncioTask<string>).IsAssignableTo(typeof(IAwaitable<string>)));
    }

    [Fact]
    [CPythonTest("test_pep492.py", "CoroutineTests", "test_double_await")]
    public void A_coroutine_that_a_task_runs_cannot_be_awaited()
    {
        Loop.Debug = true;
        var mistake = Assert.Throws<InvalidOperationException>(() => Loop.RunUntilComplete(Main()));
        Assert.Contains("awaited already", mistake.Message);
        RunOnce();

        static async Coroutine Main()
        {
            var coroutine = Inner();
            var task = Asyncio.CreateTask(coroutine);
            try
            {
                await Asyncio.Yield();
                await coroutine;
            }
            finally
            {
                task.Cancel();
            }
        }

        static async Coroutine Inner() => await Asyncio.Sleep(0.1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Awaiting_a_coroutine_twice_says_so(bool waits)
    {
        Loop.RunUntilComplete(Main());

        async Coroutine Main()
        {
            var coroutine = Number();
            Assert.Equal(1, await coroutine);
            var mistake = await Expect.ThrowsAsync<InvalidOperationException>(async () => await coroutine);
            Assert.Contains("awaited already", mistake.Message);
            Assert.Contains("CreateTask", mistake.Message);

            // Also when its box serves another call by now.
            var other = Number();
            await Expect.ThrowsAsync<InvalidOperationException>(async () => await coroutine);
            Assert.Equal(1, await other);
        }

        async Coroutine<int> Number()
        {
            if (waits)
                await Asyncio.Yield();
            return 1;
        }
    }

    [Fact]
    public void Making_two_tasks_of_a_coroutine_says_so()
    {
        var coroutine = Sleeper();
        var task = Loop.CreateTask(coroutine);

        Assert.Throws<InvalidOperationException>(() => Loop.CreateTask(coroutine));
        RunOnce();
        Assert.Throws<InvalidOperationException>(() => Loop.CreateTask(coroutine));

        task.Cancel();
        RunOnce();

        static async Coroutine Sleeper() => await Asyncio.Sleep(1);
    }

    [Fact]
    public void A_default_coroutine_has_completed()
    {
        Loop.RunUntilComplete(Main());
        Loop.RunUntilComplete(default(Coroutine));
        Assert.Equal(0, Loop.RunUntilComplete(default(Coroutine<int>)));

        async Coroutine Main()
        {
            var turned = false;
            Loop.CallSoon(() => turned = true);
            await default(Coroutine);
            await Coroutine.Completed;
            Assert.Equal(0, await default(Coroutine<int>));
            Assert.Null(await default(Coroutine<string>));
            Assert.False(turned);
        }
    }

    [Fact]
    public void A_coroutine_can_be_a_value()
    {
        var coroutine = Coroutine.FromResult("value");

        Assert.Equal("value", Loop.RunUntilComplete(coroutine));
        Loop.RunUntilComplete(Main());

        async Coroutine Main()
        {
            Assert.Equal("value", await coroutine);
            Coroutine without = coroutine;
            await without;
            Assert.Equal("value", await Asyncio.CreateTask(coroutine));
            await Asyncio.CreateTask(without);
        }
    }

    [Fact]
    public void A_coroutine_can_be_a_failure()
    {
        var failure = new FormatException("mine");

        Assert.Same(failure, Assert.Throws<FormatException>(() => Loop.RunUntilComplete(Coroutine.FromException(failure))));
        Assert.Same(failure, Assert.Throws<FormatException>(() => Loop.RunUntilComplete(Coroutine.FromException<int>(failure))));
        Loop.RunUntilComplete(Main());
        Assert.Throws<ArgumentNullException>(() => Coroutine.FromException(null!));

        async Coroutine Main()
        {
            Assert.Same(failure, await Expect.ThrowsAsync<FormatException>(Coroutine.FromException(failure)));
            Assert.Same(failure, await Expect.ThrowsAsync<FormatException>(Asyncio.CreateTask(Coroutine.FromException<int>(failure))));
        }
    }

    [Fact]
    public void A_coroutine_that_fails_as_cancelled_cancels_its_task()
    {
        var task = Loop.CreateTask(Coroutine.FromException(new CanceledException("mine")));
        RunOnce();

        Assert.True(task.IsCanceled);
        Assert.Equal("mine", Assert.Throws<CanceledException>(() => task.Exception).CancelMessage);
    }

    [Fact]
    public void A_coroutine_with_a_result_serves_as_one_without()
    {
        var ran = false;
        Coroutine coroutine = Work();

        Loop.RunUntilComplete(coroutine);

        Assert.True(ran);
        Assert.Throws<InvalidOperationException>(() => Loop.RunUntilComplete(coroutine));

        async Coroutine<int> Work()
        {
            await Asyncio.Yield();
            ran = true;
            return 1;
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_other_loop_future")]
    public void Awaiting_a_future_of_another_loop_says_so()
    {
        using var other = LoopTest.NewLoop();
        var future = other.CreateFuture<int>();
        var caught = false;

        var mistake = Assert.Throws<InvalidOperationException>(() => Loop.RunUntilComplete(Await()));

        Assert.Contains("belongs to another event loop", mistake.Message);
        Assert.Contains("pending", mistake.Message);
        Assert.True(caught);

        async Coroutine Await()
        {
            try
            {
                await future;
            }
            catch (InvalidOperationException)
            {
                caught = true;
                throw;
            }
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_task_awaits_on_itself")]
    public void A_task_that_awaits_itself_is_told_so()
    {
        AsyncioTask task = null!;
        task = Loop.CreateTask(AwaitSelf());

        var mistake = Assert.Throws<InvalidOperationException>(() => Loop.RunUntilComplete(task));

        Assert.Contains("awaits itself", mistake.Message);

        async Coroutine AwaitSelf()
        {
            await Asyncio.Yield();
            await task;
        }
    }

    [Fact]
    public void A_suspension_of_a_callers_own_parks_and_wakes_tasks()
    {
        var gate = new Gate();
        var trace = new List<string>();
        Loop.RunUntilComplete(Main());
        Assert.Equal(["passed 1", "failed 2", "cancelled 3"], trace);

        async Coroutine Main()
        {
            AsyncioTask[] tasks = [.. Enumerable.Range(1, 3).Select(i => Asyncio.CreateTask(Pass(i)))];
            await Asyncio.Yield();
            Assert.Equal(3, gate.Waiting);
            gate.Open();
            gate.Fail(new FormatException());
            tasks[2].Cancel();
            Assert.Equal(0, gate.Waiting);
            await Asyncio.Wait(tasks);
        }

        async Coroutine Pass(int number)
        {
            try
            {
                await gate.WaitAsync();
                trace.Add($"passed {number}");
            }
            catch (FormatException)
            {
                trace.Add($"failed {number}");
            }
            catch (CanceledException)
            {
                trace.Add($"cancelled {number}");
            }
        }
    }

    private sealed class Gate : Suspension
    {
        private WaiterQueue _line;

        public int Waiting => _line.Count;

        public Coroutine WaitAsync() => ParkAsync();

        public void Open() => Reschedule(_line.Dequeue()!);

        public void Fail(Exception exception) => Reschedule(_line.Dequeue()!, exception);

        protected override void OnParked(AsyncioTask task, long argument) => _line.Enqueue(task);

        protected override void OnCanceled(AsyncioTask task) => _line.Remove(task);
    }
}
