using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

public class ThreadTraces : TraceTest
{
    [Fact]
    public void ToThreadResults() => Check("to_thread_results", async trace =>
    {
        int Blocking(int value) => value < 0 ? throw new FormatException("negative") : value + 1;

        trace.Line(await Asyncio.ToThread(() => Blocking(1)));
        try
        {
            await Asyncio.ToThread(() => Blocking(-1));
        }
        catch (FormatException e)
        {
            trace.Line("value error:", e.Message);
        }
        trace.Line([.. await Asyncio.Gather(Enumerable.Range(0, 4).Select(n => Asyncio.ToThread(() => Blocking(n))))]);
    });

    [Fact]
    public void ThreadsafeResults() => Check("threadsafe_results", async trace =>
    {
        async Coroutine<int> Work(int value)
        {
            await Asyncio.Yield();
            return value < 0 ? throw new FormatException("negative") : value * 2;
        }

        List<string> Thread(EventLoop loop)
        {
            var lines = new List<string>();
            foreach (var value in (int[])[1, -1, 3])
            {
                var task = Asyncio.RunCoroutineThreadsafe(Work(value), loop);
                try
                {
                    lines.Add($"result {task.GetAwaiter().GetResult()}");
                }
                catch (FormatException e)
                {
                    lines.Add($"value error: {e.Message}");
                }
            }
            return lines;
        }

        var loop = EventLoop.Running;
        foreach (var line in await Asyncio.ToThread(() => Thread(loop)))
            trace.Line(line);
        trace.Line("main ends");
    });

    [Fact]
    public void ThreadsafeCallSoon() => Check("threadsafe_call_soon", async trace =>
    {
        var loop = EventLoop.Running;
        var finished = loop.CreateFuture<string>();

        void InThread()
        {
            for (var n = 0; n < 3; n++)
            {
                var captured = n;
                loop.CallSoonThreadsafe(() => trace.Line("from the thread", captured));
            }
            loop.CallSoonThreadsafe(() => finished.SetResult("finished"));
        }

        void Blocking()
        {
            var worker = new Thread(InThread);
            worker.Start();
            worker.Join();
            trace.Line("thread joined");
        }

        loop.CallSoon(Blocking);
        loop.CallSoon(() => trace.Line("queued before the thread ran"));
        trace.Line(await finished);
    });

    [Fact]
    public void ThreadsafeInsideCancelled() => Check("threadsafe_inside_cancelled", async trace =>
    {
        async Coroutine<int> Work(Future<AsyncioTask> started)
        {
            started.SetResult(Asyncio.CurrentTask!);
            try
            {
                return await EventLoop.Running.CreateFuture<int>();
            }
            catch (CanceledException)
            {
                trace.Line("work cancelled");
                throw;
            }
        }

        string Thread(EventLoop loop, Future<AsyncioTask> started)
        {
            var task = Asyncio.RunCoroutineThreadsafe(Work(started), loop);
            try
            {
                return $"never {task.GetAwaiter().GetResult()}";
            }
            catch (OperationCanceledException)
            {
                return "the thread sees: cancelled";
            }
        }

        var loop = EventLoop.Running;
        var started = loop.CreateFuture<AsyncioTask>();
        var waiting = Asyncio.CreateTask(Asyncio.ToThread(() => Thread(loop, started)));
        var task = await started;
        task.Cancel();
        trace.Line(await waiting);
    });
}
