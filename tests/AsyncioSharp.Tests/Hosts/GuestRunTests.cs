using System.Diagnostics;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Hosts;

/// <summary>Programs on a loop that is the guest of another. Short sleeps are real where the loop's clock is: they show that somebody
/// waits.</summary>
public abstract partial class GuestRunTests(Func<EventLoop> newLoop)
{
    private const int Continue = 18; // SIGCONT on Linux: it does no harm by default

    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(5);

    private readonly TestHost _host = new();
    private readonly List<ExceptionContext> _reports = [];

    private RunnerOptions Options => new()
    {
        LoopFactory = () =>
        {
            var loop = newLoop();
            loop.ExceptionHandler = (_, report) => _reports.Add(report);
            return loop;
        },
    };

    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_simple_return")]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_with_args")]
    public void Gives_what_the_program_returns()
    {
        Assert.Equal(42, Run(() => AddAsync(40, 2)));

        static async Coroutine<int> AddAsync(int a, int b)
        {
            await Asyncio.Yield();
            return a + b;
        }
    }

    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_return_none")]
    public void A_program_need_not_return_anything()
    {
        var ran = false;

        _host.Run(Asyncio.StartGuestRun(async () =>
        {
            await Asyncio.Yield();
            ran = true;
        }, _host.Take, null, Options));

        Assert.True(ran);
    }

    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_early_sync_completion")]
    public void A_program_that_never_waits_ends_in_the_hosts_turn_and_not_before()
    {
        GuestRun<int>? told = null;
        var run = Asyncio.StartGuestRun(() => Coroutine.FromResult(7), _host.Take, done => told = done, Options);

        Assert.False(run.Completion.IsCompleted);
        Assert.Equal(7, _host.Run(run));
        Assert.Same(run, told);
    }

    [Fact]
    public void Clean_up_that_cancels_all_tasks_does_not_cut_off_that_of_others()
    {
        var cleanedUp = 0;

        Assert.Equal(1, Run(async () =>
        {
            for (var i = 0; i < 3; i++)
                _ = Asyncio.CreateTask(CancelsAll.WaitAsync(() => cleanedUp++));
            await Asyncio.Yield();
            return 1;
        }));

        Assert.Equal(3, cleanedUp);
    }

    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_exception")]
    public void Gives_the_programs_failure()
    {
        Assert.Throws<FormatException>(() => Run<int>(async () =>
        {
            await Asyncio.Yield();
            throw new FormatException();
        }));
        Assert.Empty(_reports);
    }

    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_cancel_from_host")]
    public void The_host_can_cancel_the_program()
    {
        var log = new List<string>();
        var run = Asyncio.StartGuestRun(Main, _host.Take, null, Options);
        _host.RunUntil(() => log.Count > 0);

        run.Cancel("enough");

        Assert.ThrowsAny<OperationCanceledException>(() => _host.Run(run));
        Assert.Equal(["waiting", "cancelled: enough", "cleaned up"], log);

        async Coroutine Main()
        {
            try
            {
                log.Add("waiting");
                await EventLoop.Running.CreateFuture<int>();
            }
            catch (CanceledException e)
            {
                log.Add($"cancelled: {e.CancelMessage}");
                await Asyncio.Sleep(s_moment);
                log.Add("cleaned up");
                throw;
            }
        }
    }

    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_sleep")]
    public void Timers_come_in_order_and_in_time()
    {
        var elapsed = Run(async () =>
        {
            var loop = EventLoop.Running;
            var begin = loop.Time;
            for (var i = 0; i < 3; i++)
                await Asyncio.Sleep(s_moment);
            return loop.Time - begin;
        });

        Assert.True(elapsed >= s_moment * 3, $"{elapsed}");
    }

    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_create_task")]
    public void The_program_can_have_tasks()
    {
        Assert.Equal("child", Run(async () => await Asyncio.CreateTask(ChildAsync())));

        static async Coroutine<string> ChildAsync()
        {
            await Asyncio.Sleep(s_moment);
            return "child";
        }
    }

    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_gather")]
    public void The_program_can_gather()
    {
        Assert.Equal([1, 2, 3], Run(async () => await Asyncio.Gather(After(3, 1), After(2, 2), After(1, 3))));

        static async Coroutine<int> After(int moments, int result)
        {
            await Asyncio.Sleep(s_moment * moments);
            return result;
        }
    }

    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_call_later")]
    public void Callbacks_of_timers_run_on_the_hosts_thread()
    {
        var here = Environment.CurrentManagedThreadId;

        Assert.Equal(here, Run(async () =>
        {
            var future = EventLoop.Running.CreateFuture<int>();
            EventLoop.Running.CallLater(s_moment, () => future.SetResult(Environment.CurrentManagedThreadId));
            return await future;
        }));
    }

    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_call_soon_threadsafe")]
    public void Other_threads_wake_it_up()
    {
        Assert.Equal(100, Run(async () =>
        {
            var loop = EventLoop.Running;
            var sum = 0;
            for (var i = 0; i < 100; i++)
            {
                var future = loop.CreateFuture<int>();
                _ = Task.Run(() => loop.CallSoonThreadsafe(() => future.SetResult(1)));
                sum += await future;
            }
            return sum;
        }));
    }

    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_is_running_inside")]
    public void Inside_the_program_its_loop_runs()
    {
        GuestRun run = null!;
        run = Asyncio.StartGuestRun(Main, _host.Take, null, Options);

        _host.Run(run);

        async Coroutine Main()
        {
            for (var i = 0; i < 2; i++)
            {
                Assert.Same(run.Loop, EventLoop.Running);
                Assert.True(run.Loop.IsRunning && run.Loop.IsOnThread);
                Assert.NotNull(Asyncio.CurrentTask);
                await Asyncio.Sleep(s_moment);
            }
        }
    }

    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_nested_run_raises")]
    public void Loops_do_not_nest_in_it()
    {
        _host.Run(Asyncio.StartGuestRun(async () =>
        {
            await Asyncio.Yield();
            Assert.Throws<InvalidOperationException>(() => Asyncio.Run(async () => await Asyncio.Yield()));
            Assert.Throws<InvalidOperationException>(() => { _ = Asyncio.StartGuestRun(async () => await Asyncio.Yield(), _host.Take); });
        }, _host.Take, null, Options));
    }

    [Fact]
    [CPythonTest("test_guest.py", "TestGuestRun", "test_state_restored_after_run")]
    public void Between_two_slices_and_afterwards_the_thread_is_the_hosts()
    {
        SynchronizationContext.SetSynchronizationContext(_host);
        try
        {
            var waits = false;
            var run = Asyncio.StartGuestRun(async () =>
            {
                waits = true;
                await Asyncio.Sleep(s_moment);
            }, _host, null, Options);
            _host.RunUntil(() => waits);
            AssertIsHosts();
            _host.Run(run);
            AssertIsHosts();
            Asyncio.Run(async () => await Asyncio.Yield());
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }

        void AssertIsHosts()
        {
            Assert.Null(EventLoop.RunningOrNull);
            Assert.Null(Asyncio.CurrentTask);
            Assert.Same(_host, SynchronizationContext.Current);
        }
    }

    [Fact]
    public void The_program_can_handle_signals()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "kill is not everywhere");

        Assert.True(Run(async () =>
        {
            var loop = EventLoop.Running;
            var came = loop.CreateFuture<bool>();
            loop.AddSignalHandler(Continue, () => came.TrySetResult(true));
            using var kill = Process.Start("kill", ["-CONT", $"{Environment.ProcessId}"]);
            await came;
            return loop.RemoveSignalHandler(Continue);
        }));
    }

    private T Run<T>(Func<Coroutine<T>> main) => _host.Run(Asyncio.StartGuestRun(main, _host.Take, null, Options));
}

public sealed class EpollGuestRunTests() : GuestRunTests(() => new EpollEventLoop());

public sealed class IoUringGuestRunTests() : GuestRunTests(IoUring.NewLoop);

public sealed class PortableGuestRunTests() : GuestRunTests(() => new PortableEventLoop());

public sealed class VirtualGuestRunTests() : GuestRunTests(() => new VirtualEventLoop());
