using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Futures;

/// <summary>.NET's tasks as futures, and futures as .NET's tasks.</summary>
public class BridgedFutureTests : OnVirtualLoop
{
    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_wrap_future")]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_wrap_future_use_running_loop")]
    public void A_task_of_another_thread_becomes_a_future_of_the_running_loop()
    {
        var (future, result) = Loop.RunUntilComplete(Wrap());

        Assert.Same(Loop, future.Loop);
        Assert.Equal(("oi", true), result);

        static async Coroutine<(Future<(string, bool)>, (string, bool))> Wrap()
        {
            var thread = Environment.CurrentManagedThreadId;
            var future = Task.Run(() => ("oi", Environment.CurrentManagedThreadId != thread)).AsFuture();
            var result = await future;
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            return (future, result);
        }
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_wrap_future_without_loop")]
    public void Without_a_running_loop_a_task_becomes_no_future()
    {
        Assert.Throws<InvalidOperationException>(() => Task.FromResult(1).AsFuture());
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_wrap_future_cancel2")]
    public void A_future_cancelled_after_its_task_has_ended_leaves_the_task_alone()
    {
        var source = new TaskCompletionSource<int>();

        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var future = source.Task.AsFuture();
            source.SetResult(42);
            Assert.True(future.Cancel());
            await Asyncio.Yield();
            Assert.True(future.IsCanceled);
            Assert.Equal(42, source.Task.Result);
        }
    }

    [Fact]
    public void A_future_that_was_cancelled_leaves_nothing_on_its_task()
    {
        var source = new TaskCompletionSource<int>();
        var futures = new List<WeakReference>();
        Loop.CallSoon(() =>
        {
            for (var i = 0; i < 50; i++)
                futures.Add(Forgotten(source.Task));
        });

        RunOnce();
        GC.Collect();

        Assert.Equal(50, futures.Count);
        Assert.All(futures, future => Assert.False(future.IsAlive));
        GC.KeepAlive(source);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Forgotten(Task<int> task)
        {
            var future = task.AsFuture();
            future.Cancel();
            return new WeakReference(future);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_failure_of_a_task_whose_future_was_cancelled_is_left_to_dotnet(bool failsFirst)
    {
        var failure = new FormatException();
        var unobserved = new List<Exception>();
        EventHandler<UnobservedTaskExceptionEventArgs> handler = (_, e) =>
        {
            lock (unobserved)
                unobserved.AddRange(e.Exception.InnerExceptions);
        };
        TaskScheduler.UnobservedTaskException += handler;
        try
        {
            Loop.CallSoon(Fail);
            RunOnce();
            RunOnce();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= handler;
        }

        lock (unobserved)
            Assert.Contains(failure, unobserved);

        [MethodImpl(MethodImplOptions.NoInlining)]
        void Fail()
        {
            var source = new TaskCompletionSource<int>();
            var future = source.Task.AsFuture();
            if (failsFirst)
                source.SetException(failure);
            future.Cancel();
            source.TrySetException(failure);
        }
    }

    [Fact]
    [CPythonTest("test_futures.py", "BaseFutureTests", "test_copy_state")]
    public void Outcomes_cross_in_both_directions()
    {
        Loop.RunUntilComplete(Check());

        static async Coroutine Check()
        {
            var loop = EventLoop.Running;
            var (finished, failed, cancelled) = (loop.CreateFuture<int>(), loop.CreateFuture<int>(), loop.CreateFuture<int>());
            var failure = Thrown();
            finished.SetResult(10);
            failed.SetException(failure);
            cancelled.Cancel();

            Assert.Equal(10, finished.AsTask().AsFuture().Result);
            Assert.True(cancelled.AsTask().AsFuture().IsCanceled);
            var arrived = Assert.Throws<FormatException>(() => failed.AsTask().AsFuture().Result);
            Assert.Same(failure, arrived);
            Assert.Single(Regex.Matches(arrived.ToString(), "at .*" + nameof(Thrown)));
            await Asyncio.Yield();
        }
    }

    private static Exception Thrown()
    {
        try
        {
            throw new FormatException();
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
