namespace AsyncioSharp.Tests.Tasks;

public class CurrentTaskTests : OnVirtualLoop
{
    [Fact]
    [CPythonTest("test_tasks.py", "BaseCurrentLoopTests", "test_current_task_no_running_loop")]
    public void Outside_of_a_loop_there_is_no_current_task()
    {
        Assert.Null(Asyncio.CurrentTask);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_current_task")]
    [CPythonTest("test_tasks.py", "BaseCurrentLoopTests", "test_current_task_with_implicit_loop")]
    public void Inside_a_task_it_is_the_current_one()
    {
        AsyncioTask? seen = null;
        var task = Loop.CreateTask(Look());

        Loop.RunUntilComplete(task);

        Assert.Same(task, seen);
        Assert.Null(Asyncio.CurrentTask);

        async Coroutine Look()
        {
            await Asyncio.Yield();
            seen = Asyncio.CurrentTask;
        }
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_current_task_with_interleaving_tasks")]
    public void Tasks_that_take_turns_each_find_themselves()
    {
        var (first, second) = (Loop.CreateFuture<bool>(), Loop.CreateFuture<bool>());
        AsyncioTask task1 = null!, task2 = null!;
        task1 = Loop.CreateTask(One());
        task2 = Loop.CreateTask(Two());

        Loop.RunUntilComplete(Asyncio.Wait([task1, task2]));

        Assert.True(task1.IsCompletedSuccessfully && task2.IsCompletedSuccessfully);

        async Coroutine One()
        {
            Assert.Same(task1, Asyncio.CurrentTask);
            await first;
            Assert.Same(task1, Asyncio.CurrentTask);
            second.SetResult(true);
        }

        async Coroutine Two()
        {
            Assert.Same(task2, Asyncio.CurrentTask);
            first.SetResult(true);
            await second;
            Assert.Same(task2, Asyncio.CurrentTask);
        }
    }

    [Fact]
    public void In_a_callback_there_is_no_current_task()
    {
        AsyncioTask? inCallback = null, inDoneCallback = null;

        Loop.RunUntilComplete(Check());

        Assert.Null(inCallback);
        Assert.Null(inDoneCallback);

        async Coroutine Check()
        {
            Loop.CallSoon(() => inCallback = Asyncio.CurrentTask);
            var future = Loop.CreateFuture<int>();
            future.AddDoneCallback(_ => inDoneCallback = Asyncio.CurrentTask);
            future.SetResult(1);
            await Asyncio.Yield();
            Assert.NotNull(Asyncio.CurrentTask);
        }
    }

    [Fact]
    public void After_a_task_failed_there_is_no_current_task()
    {
        AsyncioTask? later = null;
        var failing = Loop.CreateTask(Fail());
        Loop.CallSoon(() => later = Asyncio.CurrentTask);

        RunOnce();

        Assert.True(failing.IsFaulted);
        Assert.Null(later);
        Assert.NotNull(failing.Exception);

        static async Coroutine Fail()
        {
            await Coroutine.Completed;
            throw new FormatException();
        }
    }

    [Fact]
    public void All_tasks_are_those_that_have_not_ended()
    {
        Loop.RunUntilComplete(Check());
        Assert.Empty(Asyncio.AllTasks(Loop));

        async Coroutine Check()
        {
            var self = Asyncio.CurrentTask!;
            Assert.Equal([self], Asyncio.AllTasks());
            var waiting = Asyncio.CreateTask(Asyncio.Sleep(1));
            var other = Asyncio.CreateTask(Asyncio.Yield());
            Assert.Equal(Set(self, waiting, other), Set([.. Asyncio.AllTasks()]));
            await other;
            Assert.Equal(Set(self, waiting), Set([.. Asyncio.AllTasks(Loop)]));
            await waiting;
            Assert.Equal([self], Asyncio.AllTasks());
        }

        static HashSet<AsyncioTask> Set(params AsyncioTask[] tasks) => [.. tasks];
    }

    [Fact]
    public void Without_a_running_loop_the_tasks_of_which_loop_is_unclear()
    {
        Assert.Throws<InvalidOperationException>(() => Asyncio.AllTasks());
    }

    [Fact]
    public void A_waiting_task_that_nobody_holds_is_not_collected()
    {
        Start();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        var task = Assert.Single(Asyncio.AllTasks(Loop));

        Assert.Equal("forgotten", task.Name);
        Assert.False(task.IsCompleted);
        task.Cancel();
        RunOnce();
        Assert.Empty(Asyncio.AllTasks(Loop));

        void Start()
        {
            Loop.CreateTask(WaitForNothing(), name: "forgotten");
            RunOnce();
        }

        async Coroutine WaitForNothing() => await Loop.CreateFuture<int>();
    }
}
