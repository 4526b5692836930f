using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

public class TaskTraces : TraceTest
{
    [Fact]
    public void TaskAwaitDone() => Check("task_await_done", async trace =>
    {
        async Coroutine<string> Work()
        {
            trace.Line("work");
            return "result";
        }

        var loop = EventLoop.Running;
        var task = Asyncio.CreateTask(Work());
        await Asyncio.Yield();
        trace.Line("done:", task.IsCompleted);
        loop.CallSoon(() => trace.Line("callback"));
        trace.Line(await task);
        trace.Line("awaiting a finished task did not yield");
        var other = Asyncio.CreateTask(Work());
        loop.CallSoon(() => trace.Line("callback 2"));
        trace.Line(await other);
        trace.Line("awaiting a fresh task did");
    });

    [Fact]
    public void TaskFailureCaught() => Check("task_failure_caught", async trace =>
    {
        async Coroutine Fails(string text)
        {
            await Asyncio.Yield();
            throw new FormatException(text);
        }

        async Coroutine Middle()
        {
            try
            {
                await Fails("inside a coroutine");
            }
            finally
            {
                trace.Line("middle finally");
            }
        }

        try
        {
            await Middle();
        }
        catch (FormatException e)
        {
            trace.Line("value error:", e.Message);
        }
        var task = Asyncio.CreateTask(Fails("inside a task"));
        for (var n = 0; n < 2; n++)
        {
            try
            {
                await task;
            }
            catch (FormatException e)
            {
                trace.Line("value error:", e.Message);
            }
        }
        trace.Line("exception:", task.Exception?.Message, "cancelled:", task.IsCanceled);
        var handled = Asyncio.CreateTask(Middle());
        await Asyncio.Wait([handled]);
        trace.Line("done:", handled.IsCompleted, "exception:", handled.Exception?.Message);
    });

    [Fact]
    public void TaskTwoWaiters() => Check("task_two_waiters", async trace =>
    {
        async Coroutine<int> Work()
        {
            await Asyncio.Yield();
            trace.Line("work ends");
            return 42;
        }

        async Coroutine Waiter(string name, AsyncioTask<int> task)
        {
            trace.Line(name, "waits");
            trace.Line(name, "got", await task);
        }

        var task = Asyncio.CreateTask(Work());
        task.AddDoneCallback(t => trace.Line("callback 1", ((AsyncioTask<int>)t).Result));
        var first = Asyncio.CreateTask(Waiter("first", task));
        var second = Asyncio.CreateTask(Waiter("second", task));
        await Asyncio.Yield();
        task.AddDoneCallback(t => trace.Line("callback 2", ((AsyncioTask<int>)t).Result));
        await second;
        trace.Line("first done:", first.IsCompleted);
    });

    [Fact]
    public void TaskStates() => Check("task_states", async trace =>
    {
        async Coroutine<string> Work(string kind)
        {
            await Asyncio.Yield();
            if (kind == "fails")
                throw new FormatException("boom");
            if (kind == "cancels")
            {
                Asyncio.CurrentTask!.Cancel();
                await Asyncio.Yield();
            }
            return kind;
        }

        AsyncioTask<string>[] tasks =
        [
            Asyncio.CreateTask(Work("returns")),
            Asyncio.CreateTask(Work("fails")),
            Asyncio.CreateTask(Work("cancels")),
        ];
        for (var n = 0; n < 4; n++)
        {
            trace.Line([.. tasks.Select(State)]);
            await Asyncio.Yield();
        }
        trace.Line(["cancel a finished task:", .. tasks.Select(task => task.Cancel())]);
        trace.Line(["requests:", .. tasks.Select(task => task.CancelRequests)]);
        try
        {
            _ = Asyncio.CreateTask(Work("late")).Result;
        }
        catch (InvalidStateException)
        {
            trace.Line("invalid state");
        }
    });

    [Fact]
    public void TaskNames() => Check("task_names", async trace =>
    {
        async Coroutine Work()
        {
            var task = Asyncio.CurrentTask!;
            trace.Line("in", task.Name);
            await Asyncio.Yield();
            trace.Line("now", task.Name);
        }

        async Coroutine Short() => await Asyncio.Yield();

        var a = Asyncio.CreateTask(Work(), "a");
        var b = Asyncio.CreateTask(Work(), "b");
        var unnamed = Asyncio.CreateTask(Short());
        trace.Line("a name of its own:", unnamed.Name is not ("" or "a" or "b"));
        await Asyncio.Yield();
        b.Name = "renamed";
        trace.Line([.. Names(Asyncio.AllTasks().Where(task => task == a || task == b))]);
        await a;
        await b;
        trace.Line("left:", Asyncio.AllTasks().Count);
        trace.Line("after the end:", a.Name, b.Name);
    });

    [Fact]
    public void CurrentTask() => Check("current_task", async trace =>
    {
        void Who(string place) => trace.Line(place, Asyncio.CurrentTask?.Name ?? "none");

        async Coroutine Inner(string place)
        {
            Who(place);
            await Asyncio.Yield();
            Who(place + " after a yield");
        }

        Asyncio.CurrentTask!.Name = "main";
        var loop = EventLoop.Running;
        loop.CallSoon(() => Who("callback"));
        var task = Asyncio.CreateTask(Inner("in task"), "worker");
        task.AddDoneCallback(_ => Who("done callback"));
        Who("main");
        await Inner("in coroutine");
        await task;
        await Asyncio.Yield();
        Who("main again");
    });

    [Fact]
    public void AllTasks() => Check("all_tasks", async trace =>
    {
        async Coroutine Sleeper() => await Asyncio.Sleep(1);

        async Coroutine Short() { }

        void Show(string text) => trace.Line([text, .. Names(Asyncio.AllTasks())]);

        Asyncio.CurrentTask!.Name = "main";
        Show("at start:");
        var a = Asyncio.CreateTask(Sleeper(), "sleeper");
        var b = Asyncio.CreateTask(Short(), "short");
        Show("two made:");
        await b;
        Show("one ended:");
        a.Cancel();
        Show("one being cancelled:");
        await Asyncio.Yield();
        Show("it is cancelled:");
    });

    [Fact]
    public void AwaitItself() => Check("await_itself", async trace =>
    {
        AsyncioTask<string> task = null!;

        async Coroutine<string> Work()
        {
            await Asyncio.Yield();
            try
            {
                await task;
            }
            catch (InvalidOperationException)
            {
                trace.Line("runtime error");
            }
            trace.Line("work goes on");
            return "result";
        }

        task = Asyncio.CreateTask(Work());
        trace.Line(await task);
    });

    [Fact]
    public void DoneCallbacksOfTasks() => Check("done_callbacks_of_tasks", async trace =>
    {
        async Coroutine Work(string name) => trace.Line(name, "ends");

        var loop = EventLoop.Running;
        var a = Asyncio.CreateTask(Work("a"));
        a.AddDoneCallback(_ => trace.Line("a callback"));
        var b = Asyncio.CreateTask(Work("b"));
        b.AddDoneCallback(_ => trace.Line("b callback"));

        void Restart(Future _)
        {
            trace.Line("restart");
            Asyncio.CreateTask(Work("c")).AddDoneCallback(_ => trace.Line("c callback"));
        }

        a.AddDoneCallback(Restart);
        loop.CallSoon(() => trace.Line("soon"));
        for (var n = 1; n <= 4; n++)
        {
            await Asyncio.Yield();
            trace.Line("iteration", n);
        }
    });
}
