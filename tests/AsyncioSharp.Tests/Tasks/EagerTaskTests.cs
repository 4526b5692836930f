using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Tasks;

public class EagerTaskTests : OnVirtualLoop
{
    public EagerTaskTests() => Loop.TaskFactory = AsyncioTaskFactory.Eager;

    [Fact]
    [CPythonTest("test_eager_task_factory.py", "EagerTaskFactoryLoopTests", "test_eager_task_factory_set")]
    [CPythonTest("test_eager_task_factory.py", "EagerTaskFactoryLoopTests", "test_eager_completion")]
    public void A_task_that_need_not_wait_is_complete_when_it_is_made()
    {
        Assert.Same(AsyncioTaskFactory.Eager, Loop.TaskFactory);
        Loop.RunUntilComplete(Check());

        static async Coroutine Check()
        {
            var task = Asyncio.CreateTask(Coroutine.FromResult("hello"));
            Assert.True(task.IsCompleted);
            Assert.Equal("hello", await task);
        }
    }

    [Fact]
    [CPythonTest("test_eager_task_factory.py", "EagerTaskFactoryLoopTests", "test_await_future_during_eager_step")]
    public void What_a_task_does_before_its_first_wait_is_done_when_it_is_made()
    {
        Assert.Equal("my message", Loop.RunUntilComplete(Check()));

        async Coroutine<string> Check()
        {
            var future = Loop.CreateFuture<string>();
            Assert.True(Asyncio.CreateTask(Set(future)).IsCompleted);
            return await future;
        }

        static async Coroutine Set(Future<string> future)
        {
            await Coroutine.Completed;
            future.SetResult("my message");
        }
    }

    [Fact]
    [CPythonTest("test_eager_task_factory.py", "EagerTaskFactoryLoopTests", "test_block_after_eager_step")]
    public void A_task_that_waits_goes_on_as_any_other()
    {
        Loop.RunUntilComplete(Check());

        static async Coroutine Check()
        {
            var task = Asyncio.CreateTask(Asyncio.Sleep(TimeSpan.FromSeconds(0.1), "finished after blocking"));
            Assert.False(task.IsCompleted);
            Assert.Equal("finished after blocking", await task);
            Assert.True(task.IsCompleted);
        }
    }

    [Fact]
    [CPythonTest("test_eager_task_factory.py", "EagerTaskFactoryLoopTests", "test_cancellation_after_eager_completion")]
    public void A_task_that_is_complete_cannot_be_cancelled()
    {
        Loop.RunUntilComplete(Check());

        static async Coroutine Check()
        {
            var task = Asyncio.CreateTask(Coroutine.FromResult("finished without blocking"));
            Assert.False(task.Cancel());
            Assert.Equal("finished without blocking", await task);
            Assert.False(task.IsCanceled);
        }
    }

    [Fact]
    [CPythonTest("test_eager_task_factory.py", "EagerTaskFactoryLoopTests", "test_cancellation_after_eager_step_blocks")]
    public void A_task_that_waits_can_be_cancelled()
    {
        Assert.Equal("cancellation message", Assert.Throws<CanceledException>(() => Loop.RunUntilComplete(Check())).CancelMessage);

        static async Coroutine Check()
        {
            var task = Asyncio.CreateTask(Asyncio.Sleep(TimeSpan.FromSeconds(0.1), "finished after blocking"));
            task.Cancel("cancellation message");
            Assert.True(task.CancelRequests > 0);
            await task;
        }
    }

    [Fact]
    [CPythonTest("test_eager_task_factory.py", "EagerTaskFactoryLoopTests", "test_current_task")]
    public void The_task_is_the_current_one_in_its_first_step_and_its_maker_is_again_after_it()
    {
        AsyncioTask? seen = null;
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var self = Asyncio.CurrentTask;
            var task = Asyncio.CreateTask(Look());
            Assert.Same(task, seen);
            Assert.Same(self, Asyncio.CurrentTask);
            await task;
            Assert.Same(self, Asyncio.CurrentTask);
        }

        async Coroutine Look()
        {
            seen = Asyncio.CurrentTask;
            await Asyncio.Sleep(0.1);
            Assert.Same(seen, Asyncio.CurrentTask);
        }
    }

    [Fact]
    [CPythonTest("test_eager_task_factory.py", "EagerTaskFactoryLoopTests", "test_all_tasks_with_eager_completion")]
    [CPythonTest("test_eager_task_factory.py", "EagerTaskFactoryLoopTests", "test_all_tasks_with_blocking")]
    public void The_task_is_among_all_tasks_from_its_first_step_to_its_end()
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            IReadOnlyCollection<AsyncioTask> seen = [];
            var (start, end) = (Loop.CreateFuture<int>(), Loop.CreateFuture<int>());

            var complete = Asyncio.CreateTask(Look());
            Assert.Contains(complete, seen);
            Assert.DoesNotContain(complete, Asyncio.AllTasks());

            var waiting = Asyncio.CreateTask(LookAndWait());
            Assert.Contains(waiting, seen);
            Assert.Contains(waiting, Asyncio.AllTasks());
            start.SetResult(0);
            await end;
            Assert.DoesNotContain(waiting, Asyncio.AllTasks());

            async Coroutine Look()
            {
                await Coroutine.Completed;
                seen = Asyncio.AllTasks();
            }

            async Coroutine LookAndWait()
            {
                await Look();
                await start;
                end.SetResult(0);
            }
        }
    }

    [Fact]
    [CPythonTest("test_eager_task_factory.py", "EagerTaskFactoryLoopTests", "test_context_vars")]
    public void The_first_step_runs_in_the_tasks_own_context()
    {
        var local = new AsyncLocal<int>();
        var steps = 0;
        Loop.RunUntilComplete(Check());
        Assert.Equal(0, local.Value);

        async Coroutine Check()
        {
            local.Value = 1;
            var task = Asyncio.CreateTask(Work());
            Assert.Equal((1, 1), (steps, local.Value));
            await task;
            Assert.Equal((2, 1), (steps, local.Value));
        }

        async Coroutine Work()
        {
            Assert.Equal(1, local.Value);
            local.Value = 2;
            steps++;
            await Asyncio.Sleep(0.1);
            Assert.Equal(2, local.Value);
            local.Value = 3;
            steps++;
        }
    }

    [Fact]
    [CPythonTest("test_eager_task_factory.py", "CEagerTaskFactoryLoopTests", "test_name")]
    public void The_task_has_its_name_in_its_first_step()
    {
        string? seen = null;
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var task = Asyncio.CreateTask(Look(), name: "test name");
            Assert.Equal("test name", seen);
            await task;
        }

        async Coroutine Look()
        {
            await Coroutine.Completed;
            seen = Asyncio.CurrentTask!.Name;
        }
    }

    [Fact]
    [CPythonTest("test_eager_task_factory.py", "EagerTaskFactoryLoopTests", "test_eager_start_false")]
    public void An_eager_start_can_be_refused_for_one_task()
    {
        CheckStart(eagerStart: false, runsAtOnce: false);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_eager_start_false")]
    public void Without_the_factory_no_task_starts_eagerly()
    {
        Loop.TaskFactory = null;

        CheckStart(eagerStart: false, runsAtOnce: false);
        CheckStart(eagerStart: null, runsAtOnce: false);
    }

    [Fact]
    [CPythonTest("test_tasks.py", "BaseTaskTests", "test_eager_start_true")]
    [CPythonTest("test_eager_task_factory.py", "DefaultTaskFactoryEagerStart", "test_eager_start_true_with_default_factory")]
    public void Without_the_factory_one_task_can_start_eagerly()
    {
        Loop.TaskFactory = null;

        CheckStart(eagerStart: true, runsAtOnce: true);
    }

    [Fact]
    public void Outside_of_the_running_loop_no_task_starts_eagerly()
    {
        var began = false;
        var task = Loop.CreateTask(Begin(), eagerStart: true);
        Assert.False(began);

        Loop.RunUntilComplete(task);
        Assert.True(began);

        async Coroutine Begin()
        {
            await Coroutine.Completed;
            began = true;
        }
    }

    [Fact]
    public void A_failure_in_the_first_step_is_the_tasks_and_not_its_makers()
    {
        Loop.RunUntilComplete(Check());

        static async Coroutine Check()
        {
            var self = Asyncio.CurrentTask;
            var task = Asyncio.CreateTask(Fail());
            Assert.Same(self, Asyncio.CurrentTask);
            Assert.IsType<FormatException>(task.Exception);
            await Asyncio.Yield();
        }

        static async Coroutine Fail()
        {
            await Coroutine.Completed;
            throw new FormatException();
        }
    }

    private void CheckStart(bool? eagerStart, bool runsAtOnce)
    {
        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var task = Asyncio.CreateTask(Coroutine.FromResult(1), eagerStart: eagerStart);
            Assert.Equal(runsAtOnce, task.IsCompleted);
            Assert.Equal(1, await task);
        }
    }
}
