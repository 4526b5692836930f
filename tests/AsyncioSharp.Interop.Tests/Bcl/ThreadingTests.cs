using System.Threading.Channels;
using System.Threading.RateLimiting;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Interop;

/// <summary>System.Threading: channels, timers, semaphores, task sources, limiters.</summary>
public abstract class ThreadingTests(EventLoop loop) : InteropTests(loop)
{
    [Fact]
    public void Channels_are_at_home() => Run(async () =>
    {
        var (full, empty) = (Channel.CreateBounded<int>(1), Channel.CreateUnbounded<int>());
        full.Writer.TryWrite(1);
        await AssertAtHomeAsync(token => ReadWhatIsWritten(token), token => empty.Reader.ReadAsync(token).AsTask());
        await AssertAtHomeAsync(token => WaitForWhatIsWritten(token), token => full.Writer.WriteAsync(2, token).AsTask());

        static Task ReadWhatIsWritten(CancellationToken token)
        {
            var channel = Channel.CreateUnbounded<int>();
            ThreadPool.QueueUserWorkItem(_ => channel.Writer.TryWrite(1));
            return channel.Reader.ReadAsync(token).AsTask();
        }

        static Task WaitForWhatIsWritten(CancellationToken token)
        {
            var channel = Channel.CreateUnbounded<int>();
            ThreadPool.QueueUserWorkItem(_ => channel.Writer.TryWrite(1));
            return channel.Reader.WaitToReadAsync(token).AsTask();
        }
    });

    [Fact]
    public void A_channel_between_a_thread_and_a_coroutine_loses_nothing() => Run(async () =>
    {
        const int Count = 20_000;
        var channel = Channel.CreateBounded<int>(100);
        var producer = Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
                await channel.Writer.WriteAsync(i);
            channel.Writer.Complete();
        });
        var (task, next) = (Asyncio.CurrentTask, 0);

        await foreach (var item in channel.Reader.ReadAllAsync(Asyncio.CancellationToken))
        {
            Assert.Equal(next++, item);
            Assert.Same(task, Asyncio.CurrentTask);
        }

        Assert.Equal(Count, next);
        await producer;
    });

    [Fact]
    public void PeriodicTimer_is_at_home() => Run(async () =>
    {
        await AssertAtHomeAsync(
            async token =>
            {
                using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
                Assert.True(await timer.WaitForNextTickAsync(token));
            },
            async token =>
            {
                using var timer = new PeriodicTimer(TimeSpan.FromHours(1));
                await timer.WaitForNextTickAsync(token);
            });
    });

    // Real time passes nowhere: the loop's clock is the timer's.
    [Fact]
    public void PeriodicTimer_ticks_in_virtual_time() => LoopTest.Run(async () =>
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), EventLoop.Running.TimeProvider);
        var start = EventLoop.Running.Time;
        for (var i = 1; i <= 24; i++)
        {
            Assert.True(await timer.WaitForNextTickAsync(Asyncio.CancellationToken));
            Assert.Equal(TimeSpan.FromHours(i), EventLoop.Running.Time - start);
        }
    });

    [Fact]
    public void SemaphoreSlim_is_at_home() => Run(async () =>
    {
        using var taken = new SemaphoreSlim(0);
        await AssertAtHomeAsync(
            async token =>
            {
                using var semaphore = new SemaphoreSlim(0);
                ThreadPool.QueueUserWorkItem(static semaphore => semaphore.Release(), semaphore, preferLocal: false);
                await semaphore.WaitAsync(token);
            },
            taken.WaitAsync);
    });

    [Fact]
    public void TaskCompletionSource_is_at_home() => Run(async () =>
    {
        await AssertAtHomeAsync(
            token =>
            {
                var source = new TaskCompletionSource();
                ThreadPool.QueueUserWorkItem(static source => source.SetResult(), source, preferLocal: false);
                return source.Task;
            },
            token => new TaskCompletionSource().Task.WaitAsync(token));
        await AssertAtHomeAsync(token => Task.Delay(1, token), token => Task.Delay(Timeout.InfiniteTimeSpan, token));
    });

    [Fact]
    public void Combinators_of_tasks_are_at_home() => Run(async () =>
    {
        await AssertAtHomeAsync(
            token => Task.WhenAny(Task.Delay(1, token), Task.Delay(Timeout.InfiniteTimeSpan, token)),
            token => Task.WhenAll(Task.Delay(Timeout.InfiniteTimeSpan, token), Task.Delay(Timeout.InfiniteTimeSpan, token)));
        await AssertAtHomeAsync(
            async token =>
            {
                await foreach (var task in Task.WhenEach(Task.Delay(2, token), Task.Delay(1, token)).WithCancellation(token))
                    await task;
            },
            async token =>
            {
                await foreach (var _ in Task.WhenEach(new TaskCompletionSource().Task).WithCancellation(token))
                {
                }
            });
    });

    [Fact]
    public void Parallel_ForEachAsync_is_at_home() => Run(async () =>
    {
        await AssertAtHomeAsync(
            token => Parallel.ForEachAsync(Enumerable.Range(0, 10), token, async (_, token) => await Task.Delay(1, token)),
            token => Parallel.ForEachAsync(Enumerable.Range(0, 2), token, async (_, token) => await Task.Delay(Timeout.InfiniteTimeSpan, token)));
    });

    // Its bodies run on the thread pool; what needs the loop is sent there.
    [Fact]
    public void Bodies_of_Parallel_ForEachAsync_reach_the_loop_by_threadsafe_calls() => Run(async () =>
    {
        var total = 0;
        await Parallel.ForEachAsync(Enumerable.Range(1, 100), Asyncio.CancellationToken, async (number, token) =>
        {
            Assert.Null(EventLoop.RunningOrNull);
            await Asyncio.RunCoroutineThreadsafe(AddAsync(number), Loop, token);
        });
        Assert.Equal(5050, total);

        async Coroutine AddAsync(int number)
        {
            await Asyncio.Yield();
            total += number; // no lock: one thread
        }
    });

    [Fact]
    public void Rate_limiters_are_at_home() => Run(async () =>
    {
        await using var exhausted = new ConcurrencyLimiter(new() { PermitLimit = 1, QueueLimit = 10 });
        using var lease = exhausted.AttemptAcquire();
        await AssertAtHomeAsync(
            async token =>
            {
                await using var limiter = new TokenBucketRateLimiter(new()
                {
                    TokenLimit = 1,
                    TokensPerPeriod = 1,
                    ReplenishmentPeriod = TimeSpan.FromMilliseconds(1),
                    QueueLimit = 10,
                });
                for (var i = 0; i < 2; i++)
                {
                    using var permit = await limiter.AcquireAsync(cancellationToken: token);
                    Assert.True(permit.IsAcquired);
                }
            },
            async token =>
            {
                using var permit = await exhausted.AcquireAsync(cancellationToken: token);
            });
    });
}

public sealed class EpollThreadingTests() : ThreadingTests(new EpollEventLoop());

public sealed class IoUringThreadingTests() : ThreadingTests(IoUring.NewLoop());

public sealed class PortableThreadingTests() : ThreadingTests(new PortableEventLoop());
