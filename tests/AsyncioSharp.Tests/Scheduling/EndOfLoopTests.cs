using AsyncioSharp.LowLevel;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.Tests.Scheduling;

/// <summary>Nobody is left waiting by a loop that stops, closes, or has to report while it does.</summary>
public sealed class EndOfLoopTests
{
    [Fact]
    public async Task A_call_that_stands_in_the_ready_queue_fails_when_the_loop_closes()
    {
        var loop = new VirtualEventLoop();
        Task? call = null;
        loop.CallSoon(() =>
        {
            call = Asyncio.RunCoroutineThreadsafe(NothingAsync(), loop);
            loop.Stop();
        });
        loop.RunForever();
        loop.Close();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => call!.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_call_from_another_thread_that_was_moved_to_the_ready_queue_fails_when_the_loop_closes()
    {
        var loop = new VirtualEventLoop();
        Task? call = null;
        var thread = new Thread(() => call = Asyncio.RunCoroutineThreadsafe(NothingAsync(), loop));
        thread.Start();
        thread.Join();
        loop.CallSoon(() => { });
        loop.Close();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => call!.WaitAsync(Patience));
    }

    [Fact]
    public void Sending_to_a_loop_that_closes_fails_instead_of_waiting_for_ever()
    {
        var loop = new VirtualEventLoop();
        SynchronizationContext? context = null;
        loop.CallSoon(() =>
        {
            context = SynchronizationContext.Current;
            loop.Stop();
        });
        loop.RunForever();
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(() => context!.Send(_ => { }, null)));
        thread.Start();
        loop.Close();
        Assert.True(thread.Join(Patience));
        Assert.IsType<ObjectDisposedException>(failure?.InnerException);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_handle_of_a_callback_that_a_closing_loop_drops_says_that_it_was_cancelled(bool inReadyQueue)
    {
        var (loop, ran) = (new VirtualEventLoop(), false);
        var handle = HandIn(loop, inReadyQueue, () => ran = true);
        Assert.True(handle.IsPending);

        loop.Close();

        Assert.Equal((true, false, false), (handle.IsCanceled, handle.IsPending, ran));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_hands_a_callback_in_can_be_told_that_the_loop_was_closed_first(bool inReadyQueue)
    {
        var (loop, trace) = (new VirtualEventLoop(), new List<string>());
        HandIn(loop, inReadyQueue, () => trace.Add("ran"), () => trace.Add("first"));
        HandIn(loop, inReadyQueue, () => trace.Add("ran"), () => trace.Add("cancelled")).Cancel();
        HandIn(loop, inReadyQueue, () => trace.Add("ran"), () => trace.Add("second"));

        loop.Close();
        Assert.Throws<ObjectDisposedException>(() => { _ = loop.CallSoonThreadsafe(() => trace.Add("ran"), null, () => trace.Add("third")); });

        Assert.Equal(["first", "second"], trace);
    }

    [Fact]
    public void Who_is_told_that_the_loop_was_closed_and_fails_does_not_keep_it_from_closing()
    {
        var reports = new List<ExceptionContext>();
        var loop = LoopTest.NewLoop(reports);
        loop.CallSoonThreadsafe(() => { }, null, () => throw new FormatException());

        loop.Close();

        Assert.True(loop.IsClosed);
        Assert.IsType<FormatException>(Assert.Single(reports).Exception);
    }

    [Fact]
    public void What_a_thread_hands_in_while_the_loop_ends_is_run_or_told_or_refused()
    {
        for (var i = 0; i < 200; i++)
        {
            using var loop = new VirtualEventLoop();
            var (accepted, ran, told) = (0, 0, 0);
            var thread = new Thread(HandInUntilItIsRefused);
            thread.Start();
            for (var turn = 0; turn < i % 10 || Volatile.Read(ref accepted) == 0; turn++)
            {
                loop.Stop();
                loop.RunForever();
            }

            loop.Close();
            Assert.True(thread.Join(Patience));

            Assert.Equal(accepted, ran + told);

            void HandInUntilItIsRefused()
            {
                try
                {
                    while (true)
                    {
                        loop.CallSoonThreadsafe(() => ran++, null, () => Interlocked.Increment(ref told));
                        Volatile.Write(ref accepted, accepted + 1);
                    }
                }
                catch (ObjectDisposedException)
                {
                    // This one was refused.
                }
            }
        }
    }

    [Fact]
    public async Task A_function_that_fails_when_the_loop_has_closed_is_reported()
    {
        var reported = new TaskCompletionSource<ExceptionContext>();
        using var closed = new ManualResetEventSlim();
        var loop = new VirtualEventLoop { ExceptionHandler = (_, report) => reported.TrySetResult(report) };
        _ = loop.RunInExecutor(null, () =>
        {
            closed.Wait();
            throw new FormatException();
        });

        loop.Close();
        closed.Set();

        Assert.IsType<FormatException>((await reported.Task.WaitAsync(Patience, TestContext.Current.CancellationToken)).Exception);
    }

    [Fact]
    public void A_stop_in_the_turn_in_which_a_run_ends_does_not_stop_the_next_run()
    {
        using var loop = new VirtualEventLoop();
        loop.RunUntilComplete(StopAsync(loop));
        loop.RunUntilComplete(Asyncio.Sleep(1.0));

        static async Coroutine StopAsync(EventLoop loop)
        {
            await Asyncio.Yield();
            loop.Stop();
        }
    }

    [Fact]
    public void A_logger_that_fails_does_not_end_the_loop()
    {
        using var loop = new VirtualEventLoop { Logger = new FailingLogger() };
        var ran = false;
        loop.CallSoon(() => throw new InvalidDataException("told to the logger"));
        loop.CallSoon(() => ran = true);
        loop.CallSoon(loop.Stop);
        loop.RunForever();
        Assert.True(ran);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_a_failing_callback_what_was_scheduled_still_waits_for_the_next_turn(bool debug)
    {
        using var loop = new VirtualEventLoop { Debug = debug, ExceptionHandler = (_, _) => { } };
        var trace = "";
        loop.CallSoon(() =>
        {
            loop.CallSoon(() => trace += " next");
            throw new InvalidDataException("on purpose");
        });
        loop.CallSoon(() =>
        {
            trace += "current";
            loop.Stop();
        });
        loop.RunForever();
        Assert.Equal("current", trace);
    }

    [Fact]
    public void A_timer_at_the_beginning_of_time_fires_at_once()
    {
        using var loop = EventLoop.New();
        loop.CallAt(TimeSpan.MinValue, loop.Stop);
        loop.RunForever();
    }

    // From another thread; and if a callback is scheduled afterwards, it stands in the ready queue.
    private static Handle HandIn(EventLoop loop, bool inReadyQueue, Action callback, Action? otherwise = null)
    {
        Handle handle = default;
        var thread = new Thread(() => handle = loop.CallSoonThreadsafe(callback, null, otherwise));
        thread.Start();
        thread.Join();
        if (inReadyQueue)
            loop.CallSoon(() => { });
        return handle;
    }

    private static async Coroutine NothingAsync() => await Asyncio.Yield();

    private sealed class FailingLogger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new AggregateException("no log");
    }
}
