using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

public class CoroutineTraces : TraceTest
{
    [Fact]
    public void CoroutineAwaitedDirectly() => Check("coroutine_awaited_directly", async trace =>
    {
        async Coroutine<int> Inner(int n)
        {
            trace.Line("inner", n);
            if (n < 3)
                return n + await Inner(n + 1);
            return n;
        }

        var loop = EventLoop.Running;
        loop.CallSoon(() => trace.Line("callback"));
        var coroutine = Inner(1);
        trace.Line("made, nothing ran");
        trace.Line("sum", await coroutine);
        trace.Line("did not yield");
        await Asyncio.Yield();
        trace.Line("end");
    });

    [Fact]
    public void CoroutineAwaitedTwice() => Check("coroutine_awaited_twice", async trace =>
    {
        async Coroutine<string> Work()
        {
            trace.Line("work");
            await Asyncio.Yield();
            return "result";
        }

        var coroutine = Work();
        trace.Line(await coroutine);
        try
        {
            await coroutine;
        }
        catch (InvalidOperationException)
        {
            trace.Line("runtime error");
        }
        var task = Asyncio.CreateTask(Work());
        trace.Line(await task);
        trace.Line("a task again:", await task);
    });

    [Fact]
    public void CreateTaskStartsLater() => Check("create_task_starts_later", async trace =>
    {
        async Coroutine<string> Worker(string name)
        {
            trace.Line(name, "starts");
            await Asyncio.Yield();
            trace.Line(name, "ends");
            return name + " result";
        }

        var a = Asyncio.CreateTask(Worker("a"));
        var b = Asyncio.CreateTask(Worker("b"));
        trace.Line("created, nothing ran");
        trace.Line("done:", a.IsCompleted, b.IsCompleted);
        await Asyncio.Yield();
        trace.Line("main after one iteration");
        trace.Line(await b);
        trace.Line("a done:", a.IsCompleted);
        trace.Line(await a);
    });

    [Fact]
    public void TasksRoundRobin() => Check("tasks_round_robin", async trace =>
    {
        async Coroutine Worker(string name, int rounds)
        {
            for (var n = 0; n < rounds; n++)
            {
                trace.Line(name, n);
                await Asyncio.Yield();
            }
            trace.Line(name, "ends");
        }

        async Coroutine Spawner()
        {
            var task = Asyncio.CreateTask(Worker("spawned", 2));
            trace.Line("spawner made a task");
            await Asyncio.Yield();
            trace.Line("spawner goes on");
            await task;
            trace.Line("spawner ends");
        }

        AsyncioTask[] tasks = [Asyncio.CreateTask(Worker("a", 4)), Asyncio.CreateTask(Spawner()), Asyncio.CreateTask(Worker("b", 2))];
        foreach (var task in tasks)
            await task;
        trace.Line("end");
    });

    [Fact]
    public void TasksPingPong() => Check("tasks_ping_pong", async trace =>
    {
        async Coroutine Player(string name, Future<bool>[] mine, Future<bool>[] others)
        {
            for (var n = 0; n < 3; n++)
            {
                await mine[n];
                trace.Line(name, n);
                others[n].SetResult(true);
            }
            trace.Line(name, "ends");
        }

        var loop = EventLoop.Running;
        Future<bool>[] pings = [.. Enumerable.Range(0, 4).Select(_ => loop.CreateFuture<bool>())];
        Future<bool>[] pongs = [.. Enumerable.Range(0, 3).Select(_ => loop.CreateFuture<bool>())];
        var ping = Asyncio.CreateTask(Player("ping", pings[..3], pongs));
        var pong = Asyncio.CreateTask(Player("pong", pongs, pings[1..]));
        await Asyncio.Yield();
        trace.Line("serve");
        pings[0].SetResult(true);
        await pong;
        trace.Line("ping done:", ping.IsCompleted);
    });

    [Fact]
    public void EagerRunsAtCreation() => Check("eager_runs_at_creation", async trace =>
    {
        async Coroutine<string> Work(string name, int yields)
        {
            trace.Line(name, "starts");
            for (var n = 0; n < yields; n++)
            {
                await Asyncio.Yield();
                trace.Line(name, "goes on");
            }
            return name + " result";
        }

        var lazy = Asyncio.CreateTask(Work("lazy", 1));
        var brief = Asyncio.CreateTask(Work("short", 0), eagerStart: true);
        trace.Line("short done:", brief.IsCompleted);
        var lengthy = Asyncio.CreateTask(Work("long", 2), eagerStart: true);
        trace.Line("long done:", lengthy.IsCompleted);
        trace.Line(await lengthy);
        trace.Line(await brief);
        trace.Line(await lazy);
    });

    [Fact]
    public void EagerFailureStored() => Check("eager_failure_stored", async trace =>
    {
        async Coroutine Fails(int yields)
        {
            trace.Line("fails starts");
            for (var n = 0; n < yields; n++)
                await Asyncio.Yield();
            throw new FormatException($"after {yields}");
        }

        for (var yields = 0; yields < 2; yields++)
        {
            var task = Asyncio.CreateTask(Fails(yields), eagerStart: true);
            trace.Line("created, done:", task.IsCompleted);
            task.AddDoneCallback(_ => trace.Line("callback"));
            try
            {
                await task;
            }
            catch (FormatException e)
            {
                trace.Line("value error:", e.Message);
            }
        }
        await Asyncio.Yield();
        trace.Line("end");
    });

    [Fact]
    public void EagerCurrentTask() => Check("eager_current_task", async trace =>
    {
        void Who(string place) => trace.Line(place, "in", Asyncio.CurrentTask!.Name);

        async Coroutine Inner()
        {
            Who("inner");
            await Asyncio.Yield();
            Who("inner later");
        }

        async Coroutine Outer()
        {
            Who("outer");
            var task = Asyncio.CreateTask(Inner(), "inner task", eagerStart: true);
            Who("outer");
            await task;
            Who("outer again");
        }

        Asyncio.CurrentTask!.Name = "main";
        var task = Asyncio.CreateTask(Outer(), "outer task", eagerStart: true);
        Who("main");
        await task;
        trace.Line("left:", Asyncio.AllTasks().Count);
    });

    [Fact]
    public void EagerGathered() => Check("eager_gathered", async trace =>
    {
        async Coroutine<string> Work(string name, int yields)
        {
            trace.Line(name, "starts");
            for (var n = 0; n < yields; n++)
            {
                await Asyncio.Yield();
                trace.Line(name, "goes on");
            }
            return name;
        }

        AsyncioTask<string> Eager(Coroutine<string> coroutine) => Asyncio.CreateTask(coroutine, eagerStart: true);

        var a = Eager(Work("a", 1));
        trace.Line("a created");
        trace.Line(["gathered", .. await Asyncio.Gather<string>([Eager(Work("b", 0)), a, Work("c", 2)])]);
        var allDone = Asyncio.Gather<string>([Eager(Work("d", 0)), Eager(Work("e", 0))]);
        trace.Line("done at once:", allDone.IsCompleted);
        trace.Line(["gathered", .. await allDone]);
    });
}
