using AsyncioSharp.LowLevel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AsyncioSharp.Hosting.Tests;

public class AsyncioLoopTests
{
    [Fact]
    public async Task Coroutines_of_any_thread_run_on_the_one_loop()
    {
        using var host = new TestHost();
        await host.StartAsync();
        var count = 0;
        var threads = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => host.Loop.RunAsync(CountAsync))));
        Assert.Equal(100, count);
        Assert.Equal("shared", Assert.Single(threads.Distinct()));
        await host.Loop.RunAsync(static async () => await Asyncio.Yield());
        await host.StopAsync();

        async Coroutine<string?> CountAsync()
        {
            count++; // without a lock
            await Asyncio.Yield();
            return Thread.CurrentThread.Name;
        }
    }

    [Fact]
    public async Task The_context_of_who_uses_it_first_is_not_the_loops()
    {
        using var host = new TestHost();
        await host.StartAsync();
        var local = new AsyncLocal<string> { Value = "the first request's" };
        Assert.Equal("the first request's", await host.Loop.RunAsync(ReadAsync));

        Task<string?> other;
        using (ExecutionContext.SuppressFlow())
            other = host.Loop.RunAsync(ReadAsync);

        Assert.Null(await other);
        await host.StopAsync();

        async Coroutine<string?> ReadAsync()
        {
            await Asyncio.Yield();
            return local.Value;
        }
    }

    [Fact]
    public async Task The_callers_token_cancels_the_coroutine()
    {
        using var host = new TestHost();
        await host.StartAsync();
        using var request = new CancellationTokenSource();
        var canceled = false;
        var running = new TaskCompletionSource();
        var answer = host.Loop.RunAsync(async () =>
        {
            try
            {
                running.SetResult();
                await Asyncio.Sleep(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                canceled = true;
            }
        }, request.Token);
        await running.Task;
        await request.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        Assert.True(canceled);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_failure_is_the_callers()
    {
        using var host = new TestHost();
        await host.StartAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Loop.RunAsync(static async () =>
        {
            await Asyncio.Yield();
            throw new InvalidOperationException("broken");
        }));
        await host.StopAsync();
        Assert.DoesNotContain(host.Log.Entries, static entry => entry.Category == "AsyncioSharp");
    }

    [Fact]
    public async Task When_the_host_stops_its_tasks_are_cancelled_and_nothing_more_is_taken()
    {
        using var host = new TestHost();
        await host.StartAsync();
        var cleaned = false;
        var running = new TaskCompletionSource();
        var answer = host.Loop.RunAsync(async () =>
        {
            try
            {
                running.SetResult();
                await Asyncio.Sleep(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                await Asyncio.Sleep(0.01);
                cleaned = true;
            }
        });
        await running.Task;
        await host.StopAsync();
        Assert.True(cleaned);
        await Assert.ThrowsAnyAsync<Exception>(() => answer);
        Assert.Throws<ObjectDisposedException>(() => { _ = host.Loop.RunAsync(static () => Asyncio.Sleep(0)); });
        Assert.Contains("The host has stopped", Assert.Throws<ObjectDisposedException>(() => host.Loop.Loop).Message);
    }

    [Fact]
    public async Task A_host_that_never_used_it_stops_and_so_does_one_that_is_only_disposed_of()
    {
        using (var host = new TestHost())
        {
            await host.StartAsync();
            await host.StopAsync();
        }
        var disposed = new TestHost();
        await disposed.StartAsync();
        var loop = disposed.Loop.Loop;
        disposed.Loop.Dispose();
        await Until(() => loop.IsClosed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Services_that_stop_may_still_use_it(bool concurrently)
    {
        var used = false;
        using var host = new TestHost(services: services =>
        {
            services.Configure<HostOptions>(options => options.ServicesStopConcurrently = concurrently);
            services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(provider => new LateUser(async () =>
            {
                await Task.Yield(); // others have their turn
                await provider.GetRequiredService<AsyncioLoop>().RunAsync(static () => Asyncio.Sleep(0.01));
                used = true;
            })));
        });
        await host.StartAsync();
        await host.Loop.RunAsync(static () => Asyncio.Sleep(0));
        await host.StopAsync();
        Assert.True(used);
        Assert.Throws<ObjectDisposedException>(() => host.Loop.Loop);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_would_not_end_is_logged_with_where_it_waits(bool isLate)
    {
        using var host = new TestHost(options: static options => options.TaskShutdownTimeout = TimeSpan.FromSeconds(4));
        await host.StartAsync();
        var running = new TaskCompletionSource();
        var answer = host.Loop.RunAsync(() => Stubborn.WaitAsync(running));
        await running.Task;
        using var limit = new CancellationTokenSource();
        if (isLate)
            await limit.CancelAsync();
        var stop = host.Loop.StopAsync(limit.Token);
        await limit.CancelAsync();
        await stop;
        var text = Assert.Single(host.Log.Of("LoopNotStopped")).Text;
        Assert.Contains("Stubborn.WaitAsync", text, StringComparison.Ordinal);
        Assert.Equal(isLate, text.Contains("HostOptions.ShutdownTimeout", StringComparison.Ordinal));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => answer);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // by a host that does not wait for what it has no time for
    public async Task Tasks_can_clean_up_also_if_others_have_used_up_the_hosts_time(bool isDisposedOf)
    {
        using var host = new TestHost();
        await host.StartAsync();
        var (running, hasCleanedUp) = (new TaskCompletionSource(), false);
        var answer = host.Loop.RunAsync(async () =>
        {
            running.SetResult();
            try
            {
                await Asyncio.Sleep(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                await Asyncio.Sleep(0.001);
                hasCleanedUp = true;
            }
        });
        await running.Task;

        var stop = host.Loop.StopAsync(new CancellationToken(canceled: true));
        if (isDisposedOf)
            await host.Loop.DisposeAsync();
        else
            await stop;

        Assert.True(hasCleanedUp);
        Assert.Empty(host.Log.Of("LoopNotStopped"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // where it cannot be waited for
    public async Task Whoever_ends_it_too_waits_until_it_has_ended(bool onItsThread)
    {
        using var host = new TestHost();
        await host.StartAsync();
        var loop = host.Loop.Loop;
        var (running, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var answer = host.Loop.RunAsync(async () =>
        {
            running.SetResult();
            try
            {
                await Asyncio.Sleep(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                await goOn.Task;
            }
        });
        await running.Task;
        if (onItsThread)
            loop.CallSoonThreadsafe(() => host.Loop.Dispose());
        else
            _ = host.Loop.DisposeAsync().AsTask();
        await Until(() => HasStopped(host.Loop));

        Task[] ends = [host.Loop.StopAsync(CancellationToken.None), host.Loop.DisposeAsync().AsTask()];
        await host.Loop.StopAsync(new CancellationToken(true)); // whose wait ends with the host's time
        Assert.DoesNotContain(ends, static end => end.IsCompleted);
        goOn.SetResult();
        await Task.WhenAll(ends).WaitAsync(Patience);

        Assert.True(loop.IsClosed);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);

        static bool HasStopped(AsyncioLoop loop)
        {
            try
            {
                _ = loop.Loop;
                return false;
            }
            catch (ObjectDisposedException)
            {
                return true;
            }
        }
    }

    [Fact]
    public async Task A_stream_hands_values_of_the_loop_over_in_order()
    {
        using var host = new TestHost();
        await host.StartAsync();
        var values = new List<int>();
        await foreach (var value in host.Loop.StreamAsync(() => CountAsync(100), bufferSize: 3))
            values.Add(value);
        Assert.Equal(Enumerable.Range(0, 100), values);
        await host.StopAsync();
    }

    [Fact]
    public async Task Who_stops_reading_a_stream_cancels_it_and_the_loop_is_not_far_ahead()
    {
        using var host = new TestHost();
        await host.StartAsync();
        var made = 0;
        var ended = false;
        await foreach (var value in host.Loop.StreamAsync(EndlessAsync, bufferSize: 2))
        {
            if (value == 10)
                break;
        }
        Assert.True(ended);
        Assert.InRange(made, 11, 15);
        await host.StopAsync();

        async IAsyncEnumerable<int> EndlessAsync()
        {
            try
            {
                for (; ; )
                {
                    await Asyncio.Yield();
                    yield return made++;
                }
            }
            finally
            {
                ended = true;
            }
        }
    }

    [Fact]
    public async Task A_stream_that_fails_does_so_behind_its_values()
    {
        using var host = new TestHost();
        await host.StartAsync();
        var values = 0;
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (var _ in host.Loop.StreamAsync(FailAsync))
                values++;
        });
        Assert.Equal(2, values);
        await host.StopAsync();

        static async IAsyncEnumerable<int> FailAsync()
        {
            yield return 1;
            yield return 2;
            await Asyncio.Yield();
            throw new InvalidOperationException("broken");
        }
    }

    [Fact]
    public async Task Who_stops_reading_cancels_a_source_of_dotnets_too()
    {
        using var host = new TestHost();
        await host.StartAsync();
        var source = System.Threading.Channels.Channel.CreateUnbounded<int>();
        source.Writer.TryWrite(1);
        await ReadOneAsync().WaitAsync(TimeSpan.FromSeconds(30)); // and does not wait for what never comes
        await host.StopAsync();

        async Task ReadOneAsync()
        {
            await foreach (var _ in host.Loop.StreamAsync(() => source.Reader.ReadAllAsync()))
                break;
        }
    }

    [Fact]
    public async Task Who_stops_reading_is_told_if_the_clean_up_fails()
    {
        using var host = new TestHost();
        await host.StartAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (var _ in host.Loop.StreamAsync(FailingAsync))
                break;
        });
        await host.StopAsync();

        static async IAsyncEnumerable<int> FailingAsync()
        {
            try
            {
                yield return 1;
                await Asyncio.Sleep(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                throw new InvalidOperationException("cannot be cleaned up");
            }
        }
    }

    [Fact]
    public async Task The_callers_token_cancels_a_stream()
    {
        using var host = new TestHost();
        await host.StartAsync();
        using var request = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in host.Loop.StreamAsync(() => CountAsync(int.MaxValue), cancellationToken: request.Token))
                await request.CancelAsync();
        });
        Assert.Empty(await host.Loop.RunAsync(static async () =>
        {
            await Asyncio.Yield();
            return Asyncio.AllTasks().Where(static task => task != Asyncio.CurrentTask).ToArray();
        }));
        await host.StopAsync();
    }

    private static async IAsyncEnumerable<int> CountAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.NotNull(EventLoop.RunningOrNull);
            await Asyncio.Yield();
            yield return i;
        }
    }

    /// <summary>Registered before the loop, and so stopped after it, or at the same time.</summary>
    private sealed class LateUser(Func<Task> stop) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => stop();
    }
}
