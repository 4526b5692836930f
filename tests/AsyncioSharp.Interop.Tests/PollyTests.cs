using AsyncioSharp.LowLevel;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace AsyncioSharp.Tests.Interop;

public abstract class PollyTests(EventLoop loop) : InteropTests(loop)
{
    [Fact]
    public void Retries_are_at_home() => Run(async () =>
    {
        var pipeline = new ResiliencePipelineBuilder()
            .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 3, Delay = TimeSpan.FromMilliseconds(1) })
            .Build();
        var patient = new ResiliencePipelineBuilder()
            .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 3, Delay = TimeSpan.FromHours(1) })
            .Build();
        await AssertAtHomeAsync(
            async token =>
            {
                var attempts = 0;
                await pipeline.ExecuteAsync(async token =>
                {
                    await Task.Delay(1, token);
                    if (++attempts < 3)
                        throw new IOException();
                }, token);
                Assert.Equal(3, attempts);
            },
            token => patient.ExecuteAsync(_ => throw new IOException(), token).AsTask());
    });

    [Fact]
    public void A_timeout_of_Pollys_is_a_failure_and_no_cancellation() => Run(async () =>
    {
        var pipeline = new ResiliencePipelineBuilder().AddTimeout(TimeSpan.FromMilliseconds(10)).Build();
        var task = Asyncio.CreateTask(WaitAsync());

        await Expect.ThrowsAsync<TimeoutRejectedException>(task);

        Assert.True(task.IsFaulted);

        async Coroutine WaitAsync() =>
            await pipeline.ExecuteAsync(async token => await Task.Delay(Timeout.InfiniteTimeSpan, token), Asyncio.CancellationToken);
    });

    // Behind a first retry the pipeline is on the thread pool.
    [Fact]
    public void What_a_pipeline_calls_reaches_the_loop_by_threadsafe_calls() => Run(async () =>
    {
        var pipeline = new ResiliencePipelineBuilder()
            .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 3, Delay = TimeSpan.FromMilliseconds(1) })
            .Build();
        var attempts = 0;

        var result = await pipeline.ExecuteAsync(
            async token => await Asyncio.RunCoroutineThreadsafe(AttemptAsync(), Loop, token), Asyncio.CancellationToken);

        Assert.Equal(3, result);

        async Coroutine<int> AttemptAsync()
        {
            await Asyncio.Yield();
            return ++attempts < 3 ? throw new IOException() : attempts;
        }
    });
}

public sealed class EpollPollyTests() : PollyTests(new EpollEventLoop());

public sealed class IoUringPollyTests() : PollyTests(IoUring.NewLoop());

public sealed class PortablePollyTests() : PollyTests(new PortableEventLoop());
