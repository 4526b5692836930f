namespace AsyncioSharp.Tests.Traces;

/// <summary>Queues that are joined, shut down and worked off.</summary>
public class QueueUseTraces : TraceTest
{
    [Fact]
    public void QueueNowait() => Check("queue_nowait", async trace =>
    {
        void Attempt(string name, Func<object?> function)
        {
            try
            {
                trace.Line(name, function());
            }
            catch (QueueEmptyException)
            {
                trace.Line(name, "empty");
            }
            catch (QueueFullException)
            {
                trace.Line(name, "full");
            }
        }

        var queue = new AsyncQueue<int>(2);

        object? Put(int item)
        {
            queue.PutNoWait(item);
            return null;
        }

        object? Get() => queue.GetNoWait();

        Attempt("get", Get);
        for (var n = 0; n < 2; n++)
            queue.PutNoWait(n);
        Attempt("put", () => Put(2));
        trace.Line("size:", queue.Count, "full:", queue.IsFull);
        Attempt("get", Get);
        Attempt("get", Get);
        Attempt("get", Get);
    });

    [Fact]
    public void QueueJoin() => Check("queue_join", async trace =>
    {
        async Coroutine Worker(AsyncQueue<int> queue)
        {
            while (true)
            {
                var item = await queue.GetAsync();
                await Asyncio.Yield();
                trace.Line("done with", item);
                queue.TaskDone();
            }
        }

        var queue = new AsyncQueue<int>();
        await queue.JoinAsync();
        trace.Line("joined an empty queue");
        for (var n = 0; n < 3; n++)
            queue.PutNoWait(n);
        var task = Asyncio.CreateTask(Worker(queue));
        await queue.JoinAsync();
        trace.Line("joined");
        task.Cancel();
        try
        {
            queue.TaskDone();
        }
        catch (InvalidOperationException)
        {
            trace.Line("value error");
        }
        queue.PutNoWait(3);
        queue.GetNoWait();
        var joining = Asyncio.CreateTask(queue.JoinAsync());
        await Asyncio.Yield();
        trace.Line("got, but not done:", joining.IsCompleted);
        queue.TaskDone();
        await joining;
        trace.Line("joined again");
    });

    [Fact]
    public void QueueShutdown() => Check("queue_shutdown", async trace =>
    {
        async Coroutine Getter(string name, AsyncQueue<int> queue)
        {
            try
            {
                while (true)
                    trace.Line(name, "got", await queue.GetAsync());
            }
            catch (QueueShutDownException)
            {
                trace.Line(name, "shut down");
            }
        }

        void Attempt(string name, Action function)
        {
            try
            {
                function();
                trace.Line(name, "works");
            }
            catch (QueueShutDownException)
            {
                trace.Line(name, "shut down");
            }
        }

        var queue = new AsyncQueue<int>();
        var task = Asyncio.CreateTask(Getter("waiting", queue));
        await Asyncio.Yield();
        queue.PutNoWait(1);
        queue.PutNoWait(2);
        queue.Shutdown();
        Attempt("put", () => queue.PutNoWait(3));
        await task;
        Attempt("get", () => queue.GetNoWait());
        task = Asyncio.CreateTask(Getter("late", queue));
        await task;
        queue.Shutdown();
        trace.Line("left:", queue.Count);
    });

    [Fact]
    public void QueueShutdownAtOnce() => Check("queue_shutdown_at_once", async trace =>
    {
        async Coroutine Putter(string name, AsyncQueue<string> queue)
        {
            try
            {
                await queue.PutAsync(name);
                trace.Line(name, "put");
            }
            catch (QueueShutDownException)
            {
                trace.Line(name, "shut down");
            }
        }

        async Coroutine Getter(AsyncQueue<string> queue)
        {
            try
            {
                await queue.GetAsync();
            }
            catch (QueueShutDownException)
            {
                trace.Line("getter shut down");
            }
        }

        async Coroutine Joiner(AsyncQueue<string> queue)
        {
            await queue.JoinAsync();
            trace.Line("joined");
        }

        var queue = new AsyncQueue<string>(1);
        queue.PutNoWait("item");
        AsyncioTask[] tasks =
        [
            Asyncio.CreateTask(Putter("a", queue)),
            Asyncio.CreateTask(Putter("b", queue)),
            Asyncio.CreateTask(Joiner(queue)),
        ];
        await Asyncio.Yield();
        queue.Shutdown(immediate: true);
        trace.Line("left:", queue.Count);
        await Asyncio.Wait(tasks);
        await Getter(queue);
    });

    [Fact]
    public void QueueWorkers() => Check("queue_workers", async trace =>
    {
        async Coroutine<bool> Worker(string name, AsyncQueue<int> queue, List<string> results)
        {
            while (true)
            {
                var n = await queue.GetAsync();
                try
                {
                    await Asyncio.Sleep(0.005);
                    results.Add($"{name}{n}");
                }
                finally
                {
                    queue.TaskDone();
                }
            }
        }

        var queue = new AsyncQueue<int>();
        var results = new List<string>();
        for (var n = 0; n < 6; n++)
            queue.PutNoWait(n);
        AsyncioTask<bool>[] workers = [.. "abc".Select(name => Asyncio.CreateTask(Worker($"{name}", queue, results)))];
        await queue.JoinAsync();
        trace.Line("joined, all results:", results.Count);
        foreach (var task in workers)
            task.Cancel();
        await Asyncio.GatherOutcomes(workers);
        trace.Line(["first round:", .. results[..3]]);
        trace.Line(["cancelled:", .. workers.Select(task => task.IsCanceled)]);
    });
}
