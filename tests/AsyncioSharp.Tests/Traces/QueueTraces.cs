namespace AsyncioSharp.Tests.Traces;

public class QueueTraces : TraceTest
{
    [Fact]
    public void QueueOrder() => Check("queue_order", async trace =>
    {
        async Coroutine Producer(AsyncQueue<int> queue)
        {
            for (var n = 0; n < 4; n++)
            {
                trace.Line("put", n);
                await queue.PutAsync(n);
            }
            trace.Line("producer ends");
        }

        async Coroutine Consumer(AsyncQueue<int> queue)
        {
            for (var n = 0; n < 4; n++)
                trace.Line("got", await queue.GetAsync());
            trace.Line("consumer ends");
        }

        var queue = new AsyncQueue<int>();
        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Consumer(queue));
            group.StartSoon(Producer(queue));
        });
        trace.Line("left:", queue.Count, "empty:", queue.IsEmpty);
    });

    [Fact]
    public void QueueBounded() => Check("queue_bounded", async trace =>
    {
        async Coroutine Producer(AsyncQueue<int> queue)
        {
            for (var n = 0; n < 5; n++)
            {
                await queue.PutAsync(n);
                trace.Line("put", n, "size", queue.Count);
            }
            trace.Line("producer ends");
        }

        async Coroutine Consumer(AsyncQueue<int> queue)
        {
            for (var n = 0; n < 5; n++)
            {
                var item = await queue.GetAsync();
                trace.Line("got", item, "full:", queue.IsFull);
            }
        }

        var queue = new AsyncQueue<int>(2);
        trace.Line("maxsize:", queue.MaxSize);
        await TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Producer(queue));
            group.StartSoon(Consumer(queue));
        });
        trace.Line("end");
    });

    [Fact]
    public void QueueGettersInOrder() => Check("queue_getters_in_order", async trace =>
    {
        async Coroutine Getter(string name, AsyncQueue<int> queue)
        {
            trace.Line(name, "waits");
            trace.Line(name, "got", await queue.GetAsync());
        }

        var queue = new AsyncQueue<int>();
        AsyncioTask[] tasks = [.. "abc".Select(name => Asyncio.CreateTask(Getter($"{name}", queue)))];
        await Asyncio.Yield();
        queue.PutNoWait(1);
        queue.PutNoWait(2);
        trace.Line("two put");
        await Asyncio.Yield();
        trace.Line("one iteration later");
        queue.PutNoWait(3);
        foreach (var task in tasks)
            await task;
    });

    [Fact]
    public void QueuePuttersInOrder() => Check("queue_putters_in_order", async trace =>
    {
        async Coroutine Putter(string name, AsyncQueue<string> queue)
        {
            trace.Line(name, "waits");
            await queue.PutAsync(name);
            trace.Line(name, "put");
        }

        var queue = new AsyncQueue<string>(1);
        queue.PutNoWait("first");
        AsyncioTask[] tasks = [.. "abc".Select(name => Asyncio.CreateTask(Putter($"{name}", queue)))];
        await Asyncio.Yield();
        for (var n = 0; n < 4; n++)
        {
            trace.Line("got", queue.GetNoWait());
            await Asyncio.Yield();
        }
        trace.Line(["done:", .. tasks.Select(task => task.IsCompleted)]);
    });

    [Fact]
    public void QueueCancelledGetter() => Check("queue_cancelled_getter", async trace =>
    {
        async Coroutine Getter(string name, AsyncQueue<int> queue)
        {
            try
            {
                trace.Line(name, "got", await queue.GetAsync());
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled");
                throw;
            }
        }

        var queue = new AsyncQueue<int>();
        var a = Asyncio.CreateTask(Getter("a", queue));
        var b = Asyncio.CreateTask(Getter("b", queue));
        var c = Asyncio.CreateTask(Getter("c", queue));
        await Asyncio.Yield();
        a.Cancel();
        queue.PutNoWait(1);
        await Asyncio.Yield();
        trace.Line("done:", a.IsCompleted, b.IsCompleted, c.IsCompleted, "left:", queue.Count);
        queue.PutNoWait(2);
        c.Cancel();
        trace.Line("put, then cancelled at once");
        await Asyncio.Yield();
        trace.Line("done:", c.IsCompleted, "cancelled:", c.IsCanceled, "left:", queue.Count);
    });

    [Fact]
    public void QueueCancelledHandOff() => Check("queue_cancelled_hand_off", async trace =>
    {
        async Coroutine Getter(string name, AsyncQueue<string> queue)
        {
            try
            {
                trace.Line(name, "got", await queue.GetAsync());
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled");
                throw;
            }
        }

        async Coroutine Putter(string name, AsyncQueue<string> queue)
        {
            try
            {
                await queue.PutAsync(name);
                trace.Line(name, "put");
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled");
                throw;
            }
        }

        var queue = new AsyncQueue<string>(1);
        var a = Asyncio.CreateTask(Getter("a", queue));
        var b = Asyncio.CreateTask(Getter("b", queue));
        await Asyncio.Yield();
        queue.PutNoWait("item");
        a.Cancel();
        await b;
        queue.PutNoWait("first");
        var c = Asyncio.CreateTask(Putter("c", queue));
        var d = Asyncio.CreateTask(Putter("d", queue));
        await Asyncio.Yield();
        trace.Line("got", queue.GetNoWait());
        c.Cancel();
        await d;
        trace.Line("got", queue.GetNoWait(), "left:", queue.Count);
    });

    [Fact]
    public void QueueBarging() => Check("queue_barging", async trace =>
    {
        async Coroutine Getter(AsyncQueue<string> queue)
        {
            trace.Line("getter waits");
            trace.Line("getter got", await queue.GetAsync());
        }

        var queue = new AsyncQueue<string>();
        var task = Asyncio.CreateTask(Getter(queue));
        await Asyncio.Yield();
        queue.PutNoWait("first");
        trace.Line("barging got", queue.GetNoWait());
        await Asyncio.Yield();
        trace.Line("getter done:", task.IsCompleted);
        queue.PutNoWait("second");
        trace.Line("got without waiting", await queue.GetAsync());
        await Asyncio.Yield();
        queue.PutNoWait("third");
        await task;
    });
}
