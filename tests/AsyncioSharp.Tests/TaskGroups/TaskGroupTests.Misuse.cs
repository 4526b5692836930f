namespace AsyncioSharp.Tests;

public abstract partial class TaskGroupTests
{
    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_no_create_task_after_failure")]
    public void Takes_no_tasks_once_it_shuts_down() => Run(async () =>
    {
        var refused = false;

        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(FailAfter(0.001));
            group.StartSoon(TryLater(group));
        }));

        Assert.Equal("DivideByZeroException", Expect.TypesIn(failure));
        Assert.True(refused);

        async Coroutine TryLater(TaskGroup group)
        {
            try
            {
                await Asyncio.Sleep(1);
            }
            catch (CanceledException)
            {
                var misuse = Assert.Throws<InvalidOperationException>(() => group.StartSoon(FailAfter(0.001)));
                Assert.Contains("shutting down", misuse.Message);
                refused = true;
            }
        }
    });

    [Fact]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_taskgroup_finished")]
    [CPythonTest("test_taskgroups.py", "BaseTestTaskGroup", "test_coro_closed_when_tg_closed")]
    public void Takes_no_tasks_once_it_has_ended() => Run(async () =>
    {
        TaskGroup? ended = null;
        await TaskGroup.RunAsync(async group => ended = group);
        var ran = false;

        var misuse = Assert.Throws<InvalidOperationException>(() => { _ = ended!.CreateTask(Refused()); });

        Assert.Contains("has ended", misuse.Message);
        await Expect.Turns(3);
        Assert.False(ran);

        async Coroutine Refused() => ran = true;
    });

    // A group needs a task to cancel. In Python a group entered outside a task is an error; here there always is one.
    [Fact]
    public void Started_by_code_outside_any_task_it_gets_a_task_of_its_own() => Run(async () =>
    {
        var loop = Asyncio.CurrentTask!.Loop;
        var (before, during) = (Asyncio.CurrentTask, loop.CreateFuture<AsyncioTask?>());

        loop.CallSoon(StartOutsideAnyTask);

        var parent = await during;
        Assert.NotNull(parent);
        Assert.NotSame(before, parent);
        await Expect.Turns(3);

        async void StartOutsideAnyTask() => await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Asyncio.Yield());
            during.SetResult(Asyncio.CurrentTask);
        });
    });

    [Fact]
    public void Without_a_loop_it_says_what_is_missing()
    {
        var misuse = Assert.Throws<InvalidOperationException>(() => StartByHand(TaskGroup.RunAsync(async _ => { })));

        Assert.Contains("no event loop", misuse.Message, StringComparison.OrdinalIgnoreCase);

        static void StartByHand(Coroutine coroutine)
        {
            var awaiter = coroutine.GetAwaiter();
            awaiter.OnCompleted(() => awaiter.GetResult());
        }
    }
}
