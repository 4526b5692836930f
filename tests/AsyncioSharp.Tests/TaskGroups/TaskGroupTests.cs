using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>What every task group does, whether its tasks start in the loop's next iteration or at once.</summary>
public abstract partial class TaskGroupTests
{
    private sealed class CustomException : Exception;

    protected abstract AsyncioTaskFactory? Factory { get; }

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_01")]
    public void Waits_for_its_tasks() => Run(async () =>
    {
        AsyncioTask<int>? first = null, second = null;

        await TaskGroup.RunAsync(async group =>
        {
            first = group.CreateTask(SleepAndReturn(0.1, 42));
            second = group.CreateTask(SleepAndReturn(0.2, 11));
        });

        Assert.Equal(42, first!.Result);
        Assert.Equal(11, second!.Result);
    });

    [Fact]
    public void Takes_async_lambdas() => Run(async () =>
    {
        AsyncioTask? plain = null;
        AsyncioTask<int>? withResult = null;
        var isBackgroundDone = false;

        await TaskGroup.RunAsync(async group =>
        {
            plain = group.CreateTask(async () => await Asyncio.Sleep(0.1));
            withResult = group.CreateTask(async () => await SleepAndReturn(0.2, 11));
            group.StartSoon(async () =>
            {
                await plain;
                isBackgroundDone = true;
            });
            Assert.Throws<ArgumentNullException>(() => group.CreateTask((Func<Coroutine>)null!));
        });

        Assert.True(plain!.IsCompletedSuccessfully);
        Assert.Equal(11, withResult!.Result);
        Assert.True(isBackgroundDone);
    });

    [Fact]
    public void A_lambda_that_fails_before_there_is_a_coroutine_fails_for_its_caller() => Run(async () =>
        await TaskGroup.RunAsync(async group =>
        {
            Assert.Throws<CustomException>(() => group.CreateTask(Fail));
            Assert.Throws<CustomException>(() => group.StartSoon(Fail));

            static Coroutine Fail() => throw new CustomException();
        }));

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_02")]
    public void Takes_tasks_while_others_run() => Run(async () =>
    {
        AsyncioTask<int>? first = null, second = null;

        await TaskGroup.RunAsync(async group =>
        {
            first = group.CreateTask(SleepAndReturn(0.1, 42));
            await Asyncio.Sleep(0.15);
            second = group.CreateTask(SleepAndReturn(0.2, 11));
        });

        Assert.Equal(42, first!.Result);
        Assert.Equal(11, second!.Result);
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_03")]
    public void A_cancelled_task_is_no_failure() => Run(async () =>
    {
        AsyncioTask<int>? first = null, second = null;

        await TaskGroup.RunAsync(async group =>
        {
            first = group.CreateTask(SleepAndReturn(1, 42));
            await Asyncio.Sleep(0.15);
            first.Cancel();
            second = group.CreateTask(SleepAndReturn(0.2, 11));
        });

        Assert.True(first!.IsCanceled);
        Assert.Equal(11, second!.Result);
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_23")]
    public void Lets_go_of_tasks_that_have_ended() => Run(async () =>
    {
        var live = 0;

        await TaskGroup.RunAsync(async group =>
        {
            for (var i = 0; i < 10; i++)
            {
                await Asyncio.Sleep(0.1);
                group.StartSoon(Job());
                if (i == 5)
                    Assert.InRange(live, 0, 5);
            }
            await Asyncio.Sleep(1.35);
            Assert.Equal(0, live);
            _ = Assert.Single(Asyncio.AllTasks());
        });

        async Coroutine Job()
        {
            live++;
            await Asyncio.Sleep(0.3);
            live--;
        }
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_24")]
    public void Waits_for_tasks_that_its_tasks_have_made() => Run(async () =>
    {
        var ended = 0;

        await TaskGroup.RunAsync(async group => group.StartSoon(Root(group)));

        Assert.Equal(2, ended);

        async Coroutine Root(TaskGroup group)
        {
            await Asyncio.Sleep(0.1);
            group.StartSoon(Leaf(0.1));
            group.StartSoon(Leaf(0.2));
        }

        async Coroutine Leaf(double seconds)
        {
            await Asyncio.Sleep(seconds);
            ended++;
        }
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_task_name")]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_name")]
    public void Names_its_tasks() => Run(async () =>
    {
        AsyncioTask? named = null, started = null;

        await TaskGroup.RunAsync(async group =>
        {
            named = group.CreateTask(Asyncio.Yield(), name: "yolo");
            group.StartSoon(RememberTask(), name: "by itself");
            await Asyncio.Yield();
        });

        Assert.Equal("yolo", named!.Name);
        Assert.Equal("by itself", started!.Name);

        async Coroutine RememberTask() => started = Asyncio.CurrentTask;
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_task_context")]
    public void Runs_tasks_in_the_context_given() => Run(async () =>
    {
        var local = new AsyncLocal<int>();
        local.Value = 7;
        var context = ExecutionContext.Capture();
        local.Value = 8;

        await TaskGroup.RunAsync(async group =>
        {
            Assert.Equal(7, await group.CreateTask(Read(), context: context));
            Assert.Equal(8, await group.CreateTask(Read()));
        });

        async Coroutine<int> Read()
        {
            await Asyncio.Yield();
            return local.Value;
        }
    });

    [Fact]
    public void Returns_what_its_block_returns() => Run(async () =>
    {
        var ended = false;

        var result = await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Job());
            await Asyncio.Yield();
            return "result";
        });

        Assert.Equal("result", result);
        Assert.True(ended);

        async Coroutine Job()
        {
            await Asyncio.Sleep(1);
            ended = true;
        }
    });

    [Fact]
    public void Without_tasks_it_ends_without_a_turn_of_the_loop() => Run(async () =>
    {
        var turned = false;
        Asyncio.CurrentTask!.Loop.CallSoon(() => turned = true);

        await TaskGroup.RunAsync(async _ => { });

        Assert.False(turned);
    });

    [Fact]
    public void A_task_that_starts_eagerly_counts_even_if_it_has_ended() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            var task = group.CreateTask(Fail(), eagerStart: true);
            Assert.True(task.IsFaulted);
        }));

        Assert.IsType<CustomException>(Assert.Single(failure.InnerExceptions));

        static async Coroutine Fail() => throw new CustomException();
    });

    protected void Run(Func<Coroutine> main) => LoopTest.Run(async () =>
    {
        EventLoop.Running.TaskFactory = Factory;
        await main();
    });

    private static async Coroutine<int> SleepAndReturn(double seconds, int result)
    {
        await Asyncio.Sleep(seconds);
        return result;
    }

    private static async Coroutine FailAfter(double seconds, Exception? failure = null)
    {
        await Asyncio.Sleep(seconds);
        throw failure ?? new DivideByZeroException();
    }

    private static async Coroutine FailWhenCanceled(Exception failure)
    {
        try
        {
            await Asyncio.Sleep(10);
        }
        finally
        {
            ThrowIt(failure);
        }
    }

    private static void ThrowIt(Exception failure) => throw failure;
}

public sealed class LazyTaskGroupTests : TaskGroupTests
{
    protected override AsyncioTaskFactory? Factory => null;
}

public sealed class EagerTaskGroupTests : TaskGroupTests
{
    protected override AsyncioTaskFactory? Factory => AsyncioTaskFactory.Eager;
}
