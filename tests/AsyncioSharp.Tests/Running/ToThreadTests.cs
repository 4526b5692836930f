using System.Diagnostics;
using System.Reflection;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public abstract class ToThreadTests(EventLoop loop) : ForeignLoopTests(loop)
{
    [Fact]
    [CPythonTest("test_threads.py", "ToThreadTests", "test_to_thread")]
    [CPythonTest("test_threads.py", "ToThreadTests", "test_to_thread_once")]
    [CPythonTest("test_threads.py", "ToThreadTests", "test_to_thread_args_kwargs")]
    public void Runs_a_function_once_on_another_thread() => Run(async () =>
    {
        var calls = 0;
        var (task, thread, argument) = (Asyncio.CurrentTask, Environment.CurrentManagedThreadId, 40);

        var result = await Asyncio.ToThread(() =>
        {
            calls++;
            Assert.NotEqual(thread, Environment.CurrentManagedThreadId);
            Assert.Null(EventLoop.RunningOrNull);
            return argument + 2;
        });

        Assert.Equal(42, result);
        Assert.Equal(1, calls);
        Assert.Equal(thread, Environment.CurrentManagedThreadId);
        Assert.Same(task, Asyncio.CurrentTask);
    });

    [Fact]
    [CPythonTest("test_threads.py", "ToThreadTests", "test_to_thread_exception")]
    public void A_failure_arrives_with_its_stack() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<FormatException>(Asyncio.ToThread(FailHere));

        Assert.Contains(nameof(FailHere), failure.StackTrace);

        static void FailHere() => throw new FormatException();
    });

    [Fact]
    [CPythonTest("test_threads.py", "ToThreadTests", "test_to_thread_concurrent")]
    public void Several_run_at_once() => Run(async () =>
    {
        using var both = new Barrier(2);

        var results = await Asyncio.Gather(Asyncio.ToThread(Meet), Asyncio.ToThread(Meet));

        Assert.Equal([true, true], results);

        bool Meet() => both.SignalAndWait(TimeSpan.FromSeconds(30));
    });

    [Fact]
    [CPythonTest("test_threads.py", "ToThreadTests", "test_to_thread_contextvars")]
    public void The_function_runs_in_a_copy_of_the_context() => Run(async () =>
    {
        var local = new AsyncLocal<string> { Value = "parrot" };

        Assert.Equal("parrot", await Asyncio.ToThread(() =>
        {
            var seen = local.Value;
            local.Value = "changed";
            return seen;
        }));

        Assert.Equal("parrot", local.Value);
    });

    [Fact]
    public void Activities_flow_into_it() => Run(async () =>
    {
        using var activity = new Activity("request").Start();

        Assert.Same(activity, await Asyncio.ToThread(() => Activity.Current));
        Assert.Same(activity, Activity.Current);
    });

    [Fact]
    public void Cancelled_it_stops_waiting_and_cancels_the_functions_token() => Run(async () =>
    {
        using var started = new ManualResetEventSlim();
        var ended = new TaskCompletionSource<bool>();
        var task = Asyncio.CreateTask(Asyncio.ToThread(token =>
        {
            started.Set();
            ended.SetResult(token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
            return 1;
        }));
        await Asyncio.Yield();
        started.Wait();

        task.Cancel();

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.True(await ended.Task);
    });

    [Fact]
    public void Cancelled_its_function_can_go_on_using_its_token() => Run(async () =>
    {
        using var started = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var ended = new TaskCompletionSource<bool>();
        var task = Asyncio.CreateTask(Asyncio.ToThread(token =>
        {
            started.Set();
            go.Wait();
            try
            {
                ended.SetResult(token.WaitHandle.WaitOne(0));
            }
            catch (Exception e)
            {
                ended.SetException(e);
            }
        }));
        await Asyncio.Yield();
        started.Wait();

        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(task);
        go.Set();

        Assert.True(await ended.Task);
    });

    [Fact]
    public void What_a_callback_of_its_token_throws_is_reported_and_it_is_cancelled_all_the_same() => Run(async () =>
    {
        using var started = new ManualResetEventSlim();
        var task = Asyncio.CreateTask(Asyncio.ToThread(token =>
        {
            token.Register(static () => throw new FormatException());
            started.Set();
            token.WaitHandle.WaitOne();
        }));
        await Asyncio.Yield();
        started.Wait();

        task.Cancel();

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.IsType<FormatException>(Assert.Single(Reports()).Exception);
    });

    [Fact]
    public void A_failure_after_the_wait_was_cancelled_is_reported() => Run(async () =>
    {
        using var go = new ManualResetEventSlim();
        var task = Asyncio.CreateTask(Asyncio.ToThread(() =>
        {
            go.Wait();
            throw new FormatException();
        }));
        await Expect.Turns(2);
        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(task);

        go.Set();
        await Loop.ShutdownDefaultExecutorAsync();

        Assert.IsType<FormatException>(Assert.Single(Reports()).Exception);
    });

    [Fact]
    public void Code_on_other_threads_posts_and_sends_to_the_loop() => Run(async () =>
    {
        var context = SynchronizationContext.Current!;
        var (task, log) = (Asyncio.CurrentTask, new List<string>());

        await Asyncio.ToThread(() =>
        {
            context.Post(_ => Note("posted"), null);
            context.Send(_ => Note("sent"), null);
            var failure = Assert.Throws<TargetInvocationException>(() => context.Send(_ => throw new FormatException(), null));
            Assert.IsType<FormatException>(failure.InnerException);
        });
        context.Send(_ => Note("sent here"), null);

        Assert.Equal(["posted", "sent", "sent here"], log);

        void Note(string what)
        {
            Assert.True(Loop.IsOnThread);
            log.Add(what);
        }
    });
}

public sealed class VirtualToThreadTests() : ToThreadTests(new VirtualEventLoop());

public sealed class EpollToThreadTests() : ToThreadTests(new EpollEventLoop());

public sealed class IoUringToThreadTests() : ToThreadTests(IoUring.NewLoop());

public sealed class PortableToThreadTests() : ToThreadTests(new PortableEventLoop());
