using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Tasks;

public class TaskTests : OnVirtualLoop
{
    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_task_class")]
    [CPythonTest("test_tasks.py", "GenericTaskTests", "test_future_subclass")]
    public void A_task_is_a_future_of_its_loop_with_the_coroutines_result()
    {
        var task = Loop.CreateTask(Ok());

        Assert.Equal("ok", Loop.RunUntilComplete(task));
        Assert.True(task.IsCompleted);
        Assert.Equal("ok", task.Result);
        Assert.Same(Loop, task.Loop);
        Assert.IsAssignableFrom<Future>(task);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_task_basics")]
    public void Coroutines_call_each_other()
    {
        Assert.Equal(1042, Loop.RunUntilComplete(Outer()));

        static async Coroutine<int> Outer() => await Inner(42) + await Inner(1000);
        static async Coroutine<int> Inner(int value)
        {
            await Asyncio.Yield();
            return value;
        }
    }

    [Fact]
    public void Nothing_of_a_task_runs_when_it_is_made()
    {
        var began = false;
        var task = Loop.CreateTask(Begin());
        Assert.False(began);

        RunOnce();

        Assert.True(began);
        Assert.True(task.IsCompletedSuccessfully);

        async Coroutine Begin()
        {
            began = true;
            await Coroutine.Completed;
        }
    }

    [Fact]
    public void A_task_can_be_made_of_an_async_lambda()
    {
        var (isBegun, result) = Loop.RunUntilComplete(Make());

        Assert.False(isBegun);
        Assert.Equal(42, result);

        static async Coroutine<(bool, int)> Make()
        {
            var begun = false;
            var plain = Asyncio.CreateTask(async () =>
            {
                begun = true;
                await Asyncio.Yield();
            }, name: "plain");
            var withResult = Asyncio.CreateTask(async () =>
            {
                await plain;
                return 42;
            });
            Assert.Equal("plain", plain.Name);
            return (begun, await withResult);
        }
    }

    [Fact]
    public void Without_a_loop_a_lambda_is_not_even_called()
    {
        var called = false;

        Assert.Throws<InvalidOperationException>(() => Asyncio.CreateTask(Call));
        Assert.Throws<ArgumentNullException>(() => Asyncio.CreateTask((Func<Coroutine>)null!));
        Assert.False(called);

        Coroutine Call()
        {
            called = true;
            return Coroutine.Completed;
        }
    }

    [Fact]
    public void Calling_a_coroutine_method_runs_nothing()
    {
        var began = false;
        var coroutine = Begin();
        Assert.False(began);

        Loop.RunUntilComplete(coroutine);

        Assert.True(began);

        async Coroutine Begin()
        {
            began = true;
            await Coroutine.Completed;
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_ensure_future_coroutine")]
    public void Ensuring_a_future_makes_a_task_of_a_coroutine()
    {
        Assert.Throws<InvalidOperationException>(() => Asyncio.EnsureFuture((IAwaitable)Coroutine.FromResult("ok")));

        var (task, same) = Loop.RunUntilComplete(Ensure());

        Assert.Same(Loop, task.Loop);
        Assert.Same(Loop, same.Loop);
        Assert.Equal("ok", Loop.RunUntilComplete(task));
        Assert.Equal("ok", Loop.RunUntilComplete(Assert.IsType<AsyncioTask<string>>(same)));

        static async Coroutine<(AsyncioTask<string>, Future)> Ensure() => (Asyncio.EnsureFuture(Ok()), Asyncio.EnsureFuture((IAwaitable)Ok()));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_ensure_future_future")]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_ensure_future_task")]
    public void Ensuring_a_future_leaves_futures_and_tasks_as_they_are()
    {
        var future = Loop.CreateFuture<string>();
        future.SetResult("ko");
        var task = Loop.CreateTask(Ok());

        Assert.Same(future, Asyncio.EnsureFuture(future));
        Assert.Same(task, Asyncio.EnsureFuture(task));
        Assert.Equal("ok", Loop.RunUntilComplete(task));
    }

    [Fact]
    public void A_loop_does_not_run_a_future_of_another()
    {
        using var other = LoopTest.NewLoop();

        Assert.Throws<ArgumentException>(() => Loop.RunUntilComplete(other.CreateFuture<int>()));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_bare_create_task")]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_create_task")]
    public void Create_task_uses_the_running_loop()
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var task = Asyncio.CreateTask(Ok());
            _ = Assert.IsType<AsyncioTask<string>>(task);
            Assert.Same(Loop, task.Loop);
            Assert.Equal("ok", await task);
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_bare_create_named_task")]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_create_named_task_with_default_factory")]
    public void A_task_has_the_name_it_was_given()
    {
        var task = Loop.CreateTask(Ok(), name: "No-op");
        Assert.Equal("No-op", task.Name);
        Assert.Contains("No-op", $"{task}");

        task.Name = "renamed";

        Assert.Equal("renamed", task.Name);
        Loop.RunUntilComplete(task);
        Assert.Equal("renamed", task.Name);
    }

    [Fact]
    public void Default_names_count_up()
    {
        var first = Loop.CreateTask(Ok());
        var second = Loop.CreateTask(Ok());

        Assert.Matches(@"^Task-\d+$", first.Name);
        Assert.True(Number(first) < Number(second));
        RunOnce();

        static int Number(AsyncioTask task) => int.Parse(task.Name.AsSpan(5));
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_step_result_future")]
    public void Awaiting_a_future_gives_the_very_object_that_was_set()
    {
        var future = Loop.CreateFuture<object>();
        object? arrived = null;
        var task = Loop.CreateTask(Await());
        RunOnce();

        var result = new object();
        future.SetResult(result);
        RunOnce();

        Assert.Same(result, arrived);
        Assert.True(task.IsCompletedSuccessfully);

        async Coroutine Await() => arrived = await future;
    }

    [Fact]
    public void A_task_can_be_awaited_many_times_and_by_many()
    {
        var task = Loop.CreateTask(Ok());

        var results = Loop.RunUntilComplete(Both());

        Assert.Equal(["okok", "okok"], results);

        async Coroutine<string[]> Both() => await Asyncio.Gather(Await(), Await());
        async Coroutine<string> Await() => await task + await task;
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_exception_traceback")]
    public void The_exception_of_a_task_has_a_stack_trace()
    {
        Loop.RunUntilComplete(Check());

        static async Coroutine Check()
        {
            var task = Asyncio.CreateTask(Fail());
            await Asyncio.Yield();
            Assert.Contains(nameof(Fail), task.Exception!.StackTrace);
        }

        static async Coroutine Fail()
        {
            await Coroutine.Completed;
            throw new FormatException();
        }
    }

    private static async Coroutine<string> Ok()
    {
        await Coroutine.Completed;
        return "ok";
    }
}
