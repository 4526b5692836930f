namespace AsyncioSharp.Tests.Traces;

public class QueueEndTraces : TraceTest
{
    [Fact]
    public void QueueLifoAndPriority() => Check("queue_lifo_and_priority", async trace =>
    {
        async Coroutine Producer(string name, AsyncQueue<int> queue, int[] items)
        {
            foreach (var item in items)
            {
                await queue.PutAsync(item);
                trace.Line(name, "put", item, "size", queue.Count);
            }
        }

        (string, AsyncQueue<int>)[] queues = [("lifo", new AsyncLifoQueue<int>(3)), ("priority", new AsyncPriorityQueue<int>(3))];
        foreach (var (name, queue) in queues)
        {
            var task = Asyncio.CreateTask(Producer(name, queue, [5, 3, 8, 1, 9, 2]));
            for (var n = 0; n < 6; n++)
            {
                await Asyncio.Yield();
                trace.Line(name, "got", await queue.GetAsync());
                queue.TaskDone();
            }
            await queue.JoinAsync();
            await task;
            trace.Line(name, "empty:", queue.IsEmpty);
        }
    });

    [Fact]
    public void QueueCancelledPutters() => Check("queue_cancelled_putters", async trace =>
    {
        async Coroutine Putter(string item, AsyncQueue<string> queue)
        {
            try
            {
                await queue.PutAsync(item);
                trace.Line("put", item);
            }
            catch (CanceledException)
            {
                trace.Line("cancelled", item);
                throw;
            }
        }

        var queue = new AsyncQueue<string>(1);
        queue.PutNoWait("first");
        AsyncioTask[] tasks = [.. "abcd".Select(item => Asyncio.CreateTask(Putter($"{item}", queue)))];
        await Asyncio.Yield();
        tasks[1].Cancel();
        trace.Line("got", queue.GetNoWait());
        tasks[0].Cancel();
        trace.Line("b cancelled, room for a, a cancelled");
        await Asyncio.Yield();
        trace.Line("turn, size", queue.Count);
        await Asyncio.Yield();
        trace.Line("turn, size", queue.Count);
        trace.Line("got", await queue.GetAsync());
        queue.PutNoWait("barged");
        tasks[2].Cancel();
        await Asyncio.Yield();
        trace.Line("turn, size", queue.Count);
        trace.Line("got", await queue.GetAsync(), "and", await queue.GetAsync());
        await Asyncio.Wait(tasks);
        trace.Line(["left:", queue.Count, "cancelled:", .. tasks.Select(task => (object)task.IsCanceled)]);
    });

    [Fact]
    public void QueueShutdownWaiting() => Check("queue_shutdown_waiting", async trace =>
    {
        async Coroutine Getter(string name, AsyncQueue<int> queue)
        {
            try
            {
                trace.Line(name, "got", await queue.GetAsync());
            }
            catch (QueueShutDownException)
            {
                trace.Line(name, "shut down");
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled");
                throw;
            }
        }

        async Coroutine Putter(char item, AsyncQueue<int> queue)
        {
            try
            {
                await queue.PutAsync(item);
                trace.Line("put", item);
            }
            catch (QueueShutDownException)
            {
                trace.Line(item, "shut out");
            }
        }

        async Coroutine Joiner(AsyncQueue<int> queue)
        {
            await queue.JoinAsync();
            trace.Line("joined");
        }

        async Coroutine RunAsync(bool immediate)
        {
            var queue = new AsyncQueue<int>(1);
            List<AsyncioTask> tasks = [.. "abc".Select(name => Asyncio.CreateTask(Getter($"{name}", queue)))];
            await Asyncio.Yield();
            queue.PutNoWait(1);
            tasks[1].Cancel();
            tasks.AddRange("xy".Select(item => Asyncio.CreateTask(Putter(item, queue))));
            tasks.Add(Asyncio.CreateTask(Joiner(queue)));
            queue.Shutdown(immediate);
            trace.Line("shut down, size", queue.Count);
            await Asyncio.Wait(tasks, TimeSpan.FromSeconds(1));
            trace.Line(tasks.Count(task => !task.IsCompleted), "left, size", queue.Count);
            if (!tasks[^1].IsCompleted)
                queue.TaskDone();
            await Asyncio.Wait(tasks);

            var full = new AsyncQueue<int>(1);
            full.PutNoWait(1);
            tasks = [.. "xyz".Select(item => Asyncio.CreateTask(Putter(item, full)))];
            tasks.Add(Asyncio.CreateTask(Joiner(full)));
            await Asyncio.Yield();
            trace.Line("full size", full.Count);
            full.Shutdown(immediate);
            tasks[1].Cancel();
            await Asyncio.Wait(tasks, TimeSpan.FromSeconds(1));
            await Getter("main", full);
            await Getter("main", full);
            if (!tasks[^1].IsCompleted)
                full.TaskDone();
            await Asyncio.Wait(tasks);
        }

        foreach (var immediate in new[] { false, true })
        {
            trace.Line("immediate:", immediate);
            await RunAsync(immediate);
        }
    });

    [Fact]
    public void QueueTimeouts() => Check("queue_timeouts", async trace =>
    {
        async Coroutine Producer(AsyncQueue<int> queue)
        {
            for (var n = 0; n < 4; n++)
            {
                await Asyncio.Sleep(1);
                await queue.PutAsync(n);
            }
        }

        async Coroutine Consumer(string name, AsyncQueue<int> queue, double patience)
        {
            for (; ; )
            {
                try
                {
                    trace.Line(name, "got", await Asyncio.WaitFor(queue.GetAsync(), patience));
                    queue.TaskDone();
                }
                catch (TimeoutException)
                {
                    trace.Line(name, "gave up");
                    return;
                }
            }
        }

        var queue = new AsyncQueue<int>();
        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Producer(queue));
            group.StartSoon(Consumer("a", queue, 1));
            group.StartSoon(Consumer("b", queue, 1.5));
            group.StartSoon(Consumer("c", queue, 0.5));
        });
        await queue.JoinAsync();
        trace.Line("left:", queue.Count);
    });
}
