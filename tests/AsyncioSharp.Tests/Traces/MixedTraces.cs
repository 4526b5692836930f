namespace AsyncioSharp.Tests.Traces;

/// <summary>Locks, queues, groups, timeouts and shields together.</summary>
public class MixedTraces : TraceTest
{
    [Fact]
    public void MixedLockInFailingGroup() => Check("mixed_lock_in_failing_group", async trace =>
    {
        async Coroutine Worker(string name, AsyncLock mutex, bool fails)
        {
            try
            {
                using (await mutex.AcquireAsync())
                {
                    trace.Line(name, "has the lock");
                    await Asyncio.Sleep(0.01);
                    if (fails)
                        throw new ArgumentException(name);
                    trace.Line(name, "releases");
                }
            }
            catch (OperationCanceledException)
            {
                trace.Line(name, "cancelled, locked:", mutex.IsLocked);
                throw;
            }
        }

        var mutex = new AsyncLock();
        try
        {
            await TaskGroup.RunAsync(async group =>
            {
                foreach (var name in new[] { "a", "b", "c", "d" })
                    group.StartSoon(Worker(name, mutex, name == "b"));
            });
        }
        catch (AggregateException failures)
        {
            trace.Line(["failed:", .. failures.InnerExceptions.Select(failure => failure.Message)]);
        }
        trace.Line("locked:", mutex.IsLocked);
        using (await mutex.AcquireAsync())
            trace.Line("free again");
    });

    [Fact]
    public void MixedSemaphoreWithTimeouts() => Check("mixed_semaphore_with_timeouts", async trace =>
    {
        async Coroutine Worker(string name, AsyncSemaphore semaphore, double patience, double work)
        {
            try
            {
                await Asyncio.Timeout(patience, async _ => await semaphore.AcquireAsync());
            }
            catch (TimeoutException)
            {
                trace.Line(name, "gave up, locked:", semaphore.IsLocked);
                return;
            }
            trace.Line(name, "is in");
            await Asyncio.Sleep(work);
            semaphore.Release();
            trace.Line(name, "is out");
        }

        var semaphore = new AsyncSemaphore(2);
        await Asyncio.Gather(
            Worker("a", semaphore, 1, 0.030),
            Worker("b", semaphore, 1, 0.050),
            Worker("c", semaphore, 0.010, 0.010),
            Worker("d", semaphore, 0.040, 0.010),
            Worker("e", semaphore, 1, 0.010));
        trace.Line("locked:", semaphore.IsLocked);
    });

    [Fact]
    public void MixedConditionBuffer() => Check("mixed_condition_buffer", async trace =>
    {
        async Coroutine Producer(AsyncCondition condition, List<int> buffer)
        {
            for (var n = 0; n < 6; n++)
            {
                using (await condition.AcquireAsync())
                {
                    await condition.WaitForAsync(() => buffer.Count < 2);
                    buffer.Add(n);
                    trace.Line("put", n);
                    condition.NotifyAll();
                }
            }
            trace.Line("producer ends");
        }

        async Coroutine Consumer(string name, AsyncCondition condition, List<int> buffer)
        {
            try
            {
                for (; ; )
                {
                    using (await condition.AcquireAsync())
                    {
                        await condition.WaitForAsync(() => buffer.Count > 0);
                        trace.Line(name, "took", buffer[0]);
                        buffer.RemoveAt(0);
                        condition.NotifyAll();
                    }
                    await Asyncio.Yield();
                }
            }
            finally
            {
                trace.Line(name, "ends, locked:", condition.IsLocked);
            }
        }

        var condition = new AsyncCondition();
        var buffer = new List<int>();
        var tasks = new[] { "x", "y" }.Select(name => Asyncio.CreateTask(Consumer(name, condition, buffer))).ToArray();
        var making = Asyncio.CreateTask(Producer(condition, buffer));
        await Asyncio.Yield();
        await Asyncio.Yield();
        tasks[0].Cancel();
        await making;
        await Asyncio.Sleep(0.01);
        tasks[1].Cancel();
        await Asyncio.GatherOutcomes(tasks);
        trace.Line("left:", buffer.Count);
    });

    [Fact]
    public void MixedJoinCancelled() => Check("mixed_join_cancelled", async trace =>
    {
        async Coroutine Joiner(string name, AsyncQueue<int> queue)
        {
            try
            {
                await queue.JoinAsync();
                trace.Line(name, "joined");
            }
            catch (OperationCanceledException)
            {
                trace.Line(name, "cancelled");
                throw;
            }
        }

        async Coroutine Worker(AsyncQueue<int> queue)
        {
            for (; ; )
            {
                var item = await queue.GetAsync();
                await Asyncio.Sleep(0.01);
                trace.Line("did", item);
                queue.TaskDone();
            }
        }

        var queue = new AsyncQueue<int>();
        for (var n = 0; n < 3; n++)
            queue.PutNoWait(n);
        var first = Asyncio.CreateTask(Joiner("first", queue));
        var second = Asyncio.CreateTask(Joiner("second", queue));
        var work = Asyncio.CreateTask(Worker(queue));
        await Asyncio.Sleep(0.015);
        first.Cancel();
        try
        {
            await Asyncio.WaitFor(queue.JoinAsync(), 0.003);
        }
        catch (TimeoutException)
        {
            trace.Line("not yet");
        }
        await second;
        work.Cancel();
        await Asyncio.Wait([first, work]);
        trace.Line(first.IsCanceled, work.IsCanceled, queue.Count);
        await queue.JoinAsync();
        trace.Line("nothing left to join");
    });

    [Fact]
    public void MixedShieldedLock() => Check("mixed_shielded_lock", async trace =>
    {
        async Coroutine<string> Update(string name, AsyncLock mutex)
        {
            using (await mutex.AcquireAsync())
            {
                trace.Line(name, "begins");
                await Asyncio.Sleep(0.01);
                trace.Line(name, "ends");
                return name;
            }
        }

        async Coroutine<string> Caller(string name, AsyncLock mutex)
        {
            try
            {
                return await Asyncio.Shield(Update(name, mutex));
            }
            catch (OperationCanceledException)
            {
                trace.Line(name, "is not waited for");
                throw;
            }
        }

        var mutex = new AsyncLock();
        var callers = new[] { "a", "b" }.Select(name => Asyncio.CreateTask(Caller(name, mutex))).ToArray();
        await Asyncio.Sleep(0.005);
        callers[0].Cancel();
        callers[1].Cancel();
        var outcomes = await Asyncio.GatherOutcomes(callers);
        trace.Line([.. outcomes.Select(outcome => outcome.IsCanceled ? "CancelledError" : "str")]);
        trace.Line("locked:", mutex.IsLocked);
        using (await mutex.AcquireAsync())
            trace.Line("after both");
    });
}
