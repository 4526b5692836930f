using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Coroutines;

[Collection(nameof(Alone))]
public class ForgottenCoroutineTests
{
    [Fact]
    public void In_debug_mode_a_coroutine_that_was_never_awaited_is_named_with_the_place_of_its_making()
    {
        var report = Assert.Single(LoopTest.Reports(Main, debug: true));

        Assert.Contains($"{nameof(ForgottenCoroutineTests)}.{nameof(WorkAsync)}' was never awaited", report.Message);
        Assert.Contains(nameof(Forget), report.Message);
        Assert.Contains($"{nameof(ForgottenCoroutineTests)}.cs:line ", report.Message);
        Assert.DoesNotContain("at AsyncioSharp.CompilerServices", report.Message);
        Assert.DoesNotContain("at AsyncioSharp.LowLevel", report.Message);

        static async Coroutine Main()
        {
            await Coroutine.Completed;
            Forget();
        }
    }

    [Fact]
    public void An_item_that_nobody_awaited_to_put_is_told_of()
    {
        var report = Assert.Single(LoopTest.Reports(Main, debug: true));

        Assert.Contains("AsyncQueue.PutAsync' was never awaited", report.Message);
        Assert.Contains(nameof(ForgetToPut), report.Message);

        static async Coroutine Main()
        {
            var queue = new AsyncQueue<int>(1);
            await queue.PutAsync(1);
            var waiting = Asyncio.CreateTask(queue.PutAsync(2));
            await Asyncio.Yield();
            await queue.GetAsync();
            await waiting;
            var canceled = Asyncio.CreateTask(queue.PutAsync(3));
            await Asyncio.Yield();
            canceled.Cancel();
            await Asyncio.Wait([canceled]);
            ForgetToPut(queue);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ForgetToPut(AsyncQueue<int> queue) => _ = queue.PutAsync(0);

    [Fact]
    public void A_running_loop_reports_it_before_it_closes()
    {
        LoopTest.Reports(async () =>
        {
            var reports = new List<ExceptionContext>();
            EventLoop.Running.ExceptionHandler = (_, report) => reports.Add(report);
            Forget();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Asyncio.Sleep(1);
            Assert.Contains("was never awaited", Assert.Single(reports).Message);
        }, debug: true);
    }

    [Fact]
    public void Without_debug_mode_nothing_is_said()
    {
        Assert.Empty(LoopTest.Reports(async () =>
        {
            await Coroutine.Completed;
            Forget();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }));
    }

    [Fact]
    public void What_was_awaited_or_became_a_task_is_not_forgotten()
    {
        LoopTest.Run(async () =>
        {
            await WorkAsync();
            await Asyncio.CreateTask(WorkAsync());
            await Asyncio.Gather(WorkAsync(), WorkAsync());
            await Asyncio.WaitFor(WorkAsync(), 1);
            await TaskGroup.RunAsync(async group => group.StartSoon(WorkAsync()));
            var cancelled = Asyncio.CreateTask(WorkAsync());
            cancelled.Cancel();
            await Asyncio.Wait([cancelled]);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }, debug: true);
    }

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopTests", "test_create_task_error_closes_coro")]
    public void What_could_not_become_a_task_as_the_loop_is_closed_is_not_forgotten()
    {
        LoopTest.Run(async () =>
        {
            await Coroutine.Completed;
            Refuse();
        }, debug: true);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Refuse()
        {
            var closed = LoopTest.NewLoop();
            closed.Close();
            Assert.Throws<ObjectDisposedException>(() => closed.CreateTask(WorkAsync()));
            Assert.Throws<ObjectDisposedException>(() => closed.CreateTask(new AsyncQueue<int>().PutAsync(0)));
        }
    }

    [Fact]
    public void What_a_loop_could_not_begin_for_another_thread_is_not_forgotten()
    {
        LoopTest.Run(async () =>
        {
            await Coroutine.Completed;
            Refuse();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }, debug: true);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Refuse()
        {
            var other = LoopTest.NewLoop();
            var closed = Asyncio.RunCoroutineThreadsafe(WorkAsync(), other);
            other.Close();
            Assert.True(closed.IsFaulted);
            Assert.Throws<ObjectDisposedException>(() => { _ = Asyncio.RunCoroutineThreadsafe(WorkAsync(), other); });

            var canceled = Asyncio.RunCoroutineThreadsafe(WorkAsync(), EventLoop.Running, new CancellationToken(true));
            EventLoop.Running.CallSoon(() => Assert.True(canceled.IsCanceled));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget() => _ = WorkAsync();

    private static async Coroutine WorkAsync() => await Asyncio.Yield();
}
