using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Scheduling;

/// <summary>What other threads may do with a loop.</summary>
public abstract class ThreadsafeTests(EventLoop loop) : EachLoop(loop)
{
    private readonly List<string> _trace = [];

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_call_soon_threadsafe")]
    public void What_another_thread_scheduled_before_runs_before()
    {
        OnThread(() => Loop.CallSoonThreadsafe(() => _trace.Add("hello")));
        Loop.CallSoon(() =>
        {
            _trace.Add("world");
            Loop.Stop();
        });

        Loop.RunForever();

        Assert.Equal(["hello", "world"], _trace);
    }

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_call_soon_threadsafe_same_thread")]
    public void On_the_loops_own_thread_it_takes_its_place_in_the_order()
    {
        Loop.CallSoonThreadsafe(() => _trace.Add("hello"));
        Loop.CallSoon(() => _trace.Add("world"));
        Loop.CallSoon(() => Loop.CallSoonThreadsafe(() => _trace.Add("third")));
        Loop.CallSoon(() => Loop.CallSoon(() => _trace.Add("fourth")));

        RunOnce();
        RunOnce();

        Assert.Equal(["hello", "world", "third", "fourth"], _trace);
    }

    [Fact]
    public void A_waiting_loop_wakes_up()
    {
        var future = Loop.CreateFuture<int>();
        var thread = new Thread(() => Loop.CallSoonThreadsafe(() => future.SetResult(42)));
        Loop.CallSoon(thread.Start);

        Assert.Equal(42, Loop.RunUntilComplete(future));
        thread.Join();
    }

    [Fact]
    public void A_callback_gets_the_state_that_was_given_with_it()
    {
        OnThread(() => Loop.CallSoonThreadsafe(_trace.Add, "from a thread"));

        RunOnce();

        Assert.Equal(["from a thread"], _trace);
    }

    [Fact]
    public void Many_threads_lose_nothing_and_each_keeps_its_order()
    {
        const int Threads = 4, Count = 2000;
        var seen = new List<int>[Threads];
        var left = Threads * Count;
        var threads = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            for (var i = 0; i < Count; i++)
            {
                var value = i;
                Loop.CallSoonThreadsafe(() =>
                {
                    (seen[number] ??= []).Add(value);
                    if (--left == 0)
                        Loop.Stop();
                });
            }
        })).ToArray();

        Array.ForEach(threads, thread => thread.Start());
        Loop.RunForever();
        Array.ForEach(threads, thread => thread.Join());

        Assert.All(seen, values => Assert.Equal(Enumerable.Range(0, Count), values));
    }

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_call_soon_threadsafe_handle_cancel_same_thread")]
    public void A_callback_can_be_cancelled_on_the_loops_thread()
    {
        var handle = Loop.CallSoonThreadsafe(() => _trace.Add("ran"));
        Assert.True(handle.IsPending);

        Assert.True(handle.Cancel());
        Assert.True(handle.IsCanceled);
        Assert.False(handle.Cancel());
        RunOnce();

        Assert.Empty(_trace);
        Assert.False(handle.IsPending);
    }

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_call_soon_threadsafe_handle_cancel_other_thread")]
    public void A_callback_can_be_cancelled_on_another_thread()
    {
        var handle = Loop.CallSoonThreadsafe(() => _trace.Add("ran"));

        OnThread(() => Assert.True(handle.Cancel()));
        RunOnce();

        Assert.Empty(_trace);
        Assert.True(handle.IsCanceled);
    }

    [Fact]
    public void A_callback_that_has_begun_cannot_be_cancelled()
    {
        Handle handle = default;
        bool? cancelled = null;
        handle = Loop.CallSoonThreadsafe(() => OnThread(() => cancelled = handle.Cancel()));

        RunOnce();

        Assert.False(cancelled);
        Assert.False(handle.IsCanceled || handle.IsPending);
    }

    [Fact]
    public void A_callback_that_throws_is_reported()
    {
        Loop.CallSoonThreadsafe(() => throw new FormatException("mine"));

        RunOnce();

        Assert.Equal("mine", Assert.Single(Reports()).Exception!.Message);
    }

    [Fact]
    public void The_debug_mode_may_change_while_threads_hand_in()
    {
        var isOver = false;
        var other = Task.Run(() =>
        {
            while (!Volatile.Read(ref isOver))
                Loop.CallSoonThreadsafe(static () => { });
        });
        Loop.RunUntilComplete(SwitchAsync());
        other.GetAwaiter().GetResult();

        async Coroutine SwitchAsync()
        {
            for (var i = 0; i < 400; i++)
            {
                Loop.Debug = !Loop.Debug;
                await Asyncio.Yield();
            }
            Volatile.Write(ref isOver, true);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_check_thread")]
    public void In_debug_mode_another_threads_calls_are_refused(bool otherLoop)
    {
        Loop.Debug = true;
        var future = Loop.CreateFuture<int>();
        var waiting = Loop.CreateTask(Wait());
        var calls = new Action[]
        {
            () => Loop.CallSoon(() => { }),
            () => Loop.CallSoon(_ => { }, 0),
            () => Loop.CallLater(TimeSpan.FromSeconds(60), () => { }),
            () => Loop.CallAt(Loop.Time + TimeSpan.FromSeconds(60), () => { }),
            () => Loop.CreateTask(Coroutine.FromResult(1)),
            () => future.SetResult(1),
            () => future.TrySetResult(1),
            () => future.SetException(new FormatException()),
            () => future.Cancel(),
            () => future.AddDoneCallback(_ => { }),
            () => waiting.Cancel(),
        };
        var refused = 0;
        Loop.CallSoon(() => OnThread(() =>
        {
            using var other = otherLoop ? LoopTest.NewLoop() : null;
            if (other is null)
                TryAll();
            else
                other.RunUntilComplete(TryAllInside());
        }));

        RunOnce();

        Assert.Equal(calls.Length, refused);
        Assert.False(future.IsCompleted);
        waiting.Cancel();
        RunOnce();

        void TryAll()
        {
            foreach (var call in calls)
            {
                Assert.Contains("runs on another thread", Assert.Throws<InvalidOperationException>(call).Message);
                refused++;
            }
        }

        async Coroutine TryAllInside()
        {
            await Coroutine.Completed;
            TryAll();
        }

        async Coroutine Wait() => await Loop.CreateFuture<int>();
    }

    private static void OnThread(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
            throw new AggregateException(failure);
    }

    [Fact]
    public void What_threads_hand_in_while_the_loop_takes_it_runs_once_each()
    {
        const int Count = 300_000;
        int run = 0, twice = 0;
        SynchronizationContext context = null!;
        Loop.CallSoon(() => context = SynchronizationContext.Current!);
        RunOnce();
        var threads = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < Count; i++)
            {
                var times = 0;
                context.Post(_ =>
                {
                    if (++times > 1)
                        twice++;
                    if (++run == 2 * Count)
                        Loop.Stop();
                }, null);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        Loop.RunForever();
        threads.ForEach(thread => thread.Join());
        RunOnce();
        Assert.Equal((2 * Count, 0), (run, twice));
    }
}

public sealed class VirtualThreadsafeTests() : ThreadsafeTests(new VirtualEventLoop());

public sealed class EpollThreadsafeTests() : ThreadsafeTests(new EpollEventLoop());

public sealed class IoUringThreadsafeTests() : ThreadsafeTests(IoUring.NewLoop());

public sealed class PortableThreadsafeTests() : ThreadsafeTests(new PortableEventLoop());
